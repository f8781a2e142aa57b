"""The failed payments one works through, what was entered of them, and every one there was."""

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import switch, table
from dashboard.display import called, plain, plural
from dashboard.reads import View, desk
from etl.billing.entered_reason import EnteredReason

__all__ = ["show"]

EVERY = "every"
KINDS = {
    "open": "Open",
    "retrying": "Being retried",
    "recovered": "Recovered",
    "lost": "Lost",
    EVERY: "Every failure",
}
TO_DO = (
    "failed_on",
    "customer",
    "invoices",
    "open_amount",
    "meaning",
    "advice",
    "attempts_left",
    "days_left",
)
DONE = ("failed_on", "customer", "invoices", "amount", "recovered_amount", "meaning", "state")
ALL = (
    "failed_on",
    "customer",
    "amount",
    "payment_type",
    "reference_number",
    "status",
    "reason",
    "basis",
)
NOTHING = {
    "open": "No failed payment is open: nothing is owed of any, or another attempt is under way.",
    "retrying": "No failed payment is being retried.",
    "recovered": "No failed payment was paid after all yet.",
    "lost": "No failed payment was given up.",
}
WHY = (
    "BILL says that a payment failed, never why: a reason stays “Not known yet” until somebody "
    "enters the bank's. “Seen” means that Tieout watched it happen; “Inferred”, that it was so "
    "when first read, and its day is that of BILL's last change."
)


def show(view: View) -> None:
    """A table of the cases in one state, or of every failure; a row opens its detail."""
    with st.container(border=True):
        with table.heading("Cases"):
            kind = switch.show("cases", KINDS, label="Cases")
        if kind == EVERY:
            _every(view)
        else:
            _cases(view, kind)


def _cases(view: View, kind: str) -> None:
    if kind == "open":
        _waiting(desk().reasons_to_come(view.user_id, view.slug))
    if not reads.figures(view, "failure_cases", state=kind, limit=1).rows:
        st.caption(NOTHING[kind])
        return
    st.caption("Click a row to see the payment and to enter the bank's reason.")
    names = TO_DO if kind in {"open", "retrying"} else DONE
    opened = table.show(view, "failure_cases", names, opens="payment_id", state=kind)
    if opened:
        session.open_case(opened)


def _every(view: View) -> None:
    st.caption(WHY)
    opened = table.show(view, "failed_payments", ALL, opens="customer_id")
    if opened:
        navigation.to(navigation.CUSTOMERS, customer=opened)


def _waiting(reasons: dict[str, EnteredReason]) -> None:
    if not reasons:
        return
    with st.expander(
        f"{plural(len(reasons), 'reason')} entered: figures count them with the next reading",
        icon=":material/schedule:",
    ):
        for reason in reasons.values():
            note = f": {plain(reason.note)}" if reason.note else ""
            st.markdown(
                f"**{plain(reason.code)}** for payment `{plain(reason.payment_id)}`, by "
                f"{called(reason.entered_by)}{note}"
            )
