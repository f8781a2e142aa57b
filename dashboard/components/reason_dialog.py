"""A failed payment's dialog: its facts, what may be done, and the entry of the bank's reason."""

from typing import Any

import streamlit as st

from dashboard import actions, navigation, reads, session
from dashboard.components.errors import calm
from dashboard.display import called, day, money, plain, plural
from dashboard.offers import PAYMENT_LINK
from dashboard.reads import View, desk
from dashboard.session import Pending
from etl.billing.entered_reason import LONGEST_NOTE
from etl.billing.failure_codes import UNKNOWN, FailureCode, codes_to_enter

__all__ = ["named", "show_open"]

TAKE_BACK = "Not known after all: take the reason back"


def show_open(view: View) -> None:
    """The dialog that is open, if one is and its payment is among the tenant's cases."""
    payment_id = session.opened_case()
    if payment_id is None:
        return
    case = _case(view, payment_id)
    if case is None:
        session.close_case()
        return
    st.dialog("Failed payment", width="medium", on_dismiss=session.close_case)(_dialog)(view, case)


def _case(view: View, payment_id: str) -> dict[str, Any] | None:
    for record in reads.figures(view, "failure_cases").records():
        if record["payment_id"] == payment_id:
            return record
    return None


def _dialog(view: View, case: dict[str, Any]) -> None:
    with calm():
        _facts(case)
        _ways(view, case)
        st.divider()
        _entered(view, case["payment_id"])
        if view.may_act:
            _entry(view, case)
        else:
            st.caption(
                f"Your role here is {view.grant.role}. Reasons are entered by operators, approvers "
                "and administrators."
            )


def _facts(case: dict[str, Any]) -> None:
    amount = money(case["amount"], case["currency"])
    st.markdown(
        f"**{called(case['customer'] or '')}** · {called(case['invoices'])}  \n"
        f"{plain(amount)} failed on {plain(day(case['failed_on']))}; "
        f"{plain(money(case['open_amount'], case['currency']))} of it is still owed."
    )
    st.markdown(f"**{plain(case['meaning'] or 'Not known yet')}.** {plain(case['advice'])}.")
    st.caption(plain(_left(case)))


def _left(case: dict[str, Any]) -> str:
    """How often and how long it may be tried again, in a sentence."""
    tries, left = case["attempts_left"], case["days_left"]
    if tries is None:
        return "Without the bank's reason nothing is retried, so no tries are counted down."
    if tries == 0:
        return "It may not be charged again as it is."
    until = f" within {plural(left, 'day')}" if left is not None else ""
    earliest = f", not before {day(case['not_before'])}" if case["not_before"] else ""
    return f"It may be tried {plural(tries, 'more time', 'more times')}{until}{earliest}."


def _ways(view: View, case: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        if st.button("Open the invoice", icon=":material/receipt_long:", key="case-invoice"):
            session.close_case()
            navigation.to(navigation.INVOICES, invoice=case["invoice_id"])
        if view.may_act and st.button("Payment link", icon=":material/link:", key="case-link"):
            session.close_case()
            link = Pending(PAYMENT_LINK.action, view.slug, case["invoice_id"], actions.new_key())
            session.open_action(link)
            navigation.to(navigation.INVOICES, invoice=case["invoice_id"])
        if st.button("Open the customer", icon=":material/group:", key="case-customer"):
            session.close_case()
            navigation.to(navigation.CUSTOMERS, customer=case["customer_id"])


def _entered(view: View, payment_id: str) -> None:
    waiting = desk().reasons_to_come(view.user_id, view.slug).get(payment_id)
    if waiting:
        st.info(
            f"**{plain(waiting.code)}** was entered by {plain(waiting.entered_by)} and counts with "
            "the next reading.",
            icon=":material/schedule:",
        )


def _entry(view: View, case: dict[str, Any]) -> None:
    payment_id = case["payment_id"]
    chosen = st.selectbox(
        "The bank's reason",
        codes_to_enter(case["rail"]),
        index=None,
        format_func=named,
        placeholder="A code or words, such as R01 or closed",
        key=f"reason-{payment_id}",
    )
    note = st.text_input("Note", max_chars=LONGEST_NOTE, key=f"note-{payment_id}") or ""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel-reason"):
            session.close_case()
            st.rerun()
        if st.button("Enter reason", type="primary", disabled=chosen is None, key="enter-reason"):
            _enter(view, payment_id, chosen, note)


def _enter(view: View, payment_id: str, chosen: FailureCode | None, note: str) -> None:
    if chosen:
        actions.enter_reason(view.user_id, view.slug, payment_id, chosen.code, note)
        session.close_case()
        st.toast("Entered; it counts with the next reading.", icon=":material/check:")
        st.rerun()


def named(code: FailureCode) -> str:
    """A code with its meaning, as it is searched for."""
    return TAKE_BACK if code.code == UNKNOWN else f"{code.code} · {code.meaning}"
