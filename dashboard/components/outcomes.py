"""What became of the newest actions; it looks again by itself while one is under way."""

from collections.abc import Callable

import streamlit as st

from dashboard import actions
from dashboard.components.errors import calm
from dashboard.display import ago, called, label, plain
from dashboard.offers import OFFERED
from dashboard.reads import View, desk
from etl.desk import Outcome
from etl.store.access import Who

__all__ = ["show"]

Decision = Callable[[Who, str, int], Outcome]
SHOWN = 6
STATUSES = {
    "proposed": ("Waiting for approval", "orange", ":material/how_to_reg:"),
    "queued": ("Queued", "orange", ":material/schedule:"),
    "dispatching": ("Under way", "orange", ":material/sync:"),
    "done": ("Carried out", "green", ":material/check:"),
    "refused": ("Refused", "red", ":material/block:"),
    "failed": ("Failed", "red", ":material/error:"),
    "cancelled": ("Cancelled", "gray", ":material/cancel:"),
    "expired": ("Expired", "gray", ":material/timer_off:"),
    "unknown": ("Not known", "orange", ":material/help:"),
}


def show(view: View) -> None:
    """The newest actions of the tenant, everybody's."""
    with calm():
        waits = any(not outcome.is_settled for outcome in _newest(view))
        st.fragment(_list, run_every="1.5s" if waits else "20s")(view, waits)


def _newest(view: View) -> list[Outcome]:
    return list(desk().outbox(view.user_id, view.slug, limit=SHOWN))


def _list(view: View, waits: bool) -> None:
    with calm():
        outcomes = _newest(view)
        if waits != any(not outcome.is_settled for outcome in outcomes):
            st.rerun()  # the page chooses how often to look
        with st.container(border=True):
            st.subheader("Recent actions", anchor=False)
            if not outcomes:
                st.caption(
                    "Nothing was done from here yet. What you confirm is carried out "
                    "in BILL by the back office, and what became of it is told here."
                )
            for outcome in outcomes:
                _line(outcome)
                _decide(view, outcome)


def _line(outcome: Outcome) -> None:
    text, colour, icon = STATUSES.get(outcome.status, (label(outcome.status), "gray", None))
    offer = OFFERED.get(outcome.action)
    what = offer.button if offer else label(outcome.action)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f":small[**{called(outcome.document)}** · {what}]")
            st.caption(_story(outcome))
        st.badge(text, color=colour, icon=icon)  # type: ignore[arg-type]


def _story(outcome: Outcome) -> str:
    at = ago(outcome.proposed_at, desk().now())
    # What waits is told in full: whoever approves it must see what it would do.
    told = outcome.preview if outcome.status == "proposed" else outcome.said
    said = f" {plain(told)}" if told else ""
    return f"{called(outcome.proposed_by)}, {at}.{said}"


def _decide(view: View, outcome: Outcome) -> None:
    """What may still be decided of it: the Desk says no to whoever may not."""
    if not view.may_act or outcome.status not in {"proposed", "queued"}:
        return
    with st.container(horizontal=True):
        if (
            outcome.status == "proposed"
            and view.may_approve
            and outcome.proposed_by != view.grant.user
        ):
            _button(view, outcome, "Approve", ":material/check:", actions.approve)
        _button(view, outcome, "Cancel it", ":material/close:", actions.cancel)


def _button(view: View, outcome: Outcome, text: str, icon: str, decide: Decision) -> None:
    key = f"{text}-{outcome.receipt}"
    if st.button(text, icon=icon, type="tertiary", key=key):
        decide(view.user_id, view.slug, outcome.receipt)
        st.rerun()
