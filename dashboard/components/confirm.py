"""The dialogs that come before an effect: what will happen, and a button that says so."""

from typing import Any

import streamlit as st

from dashboard import actions, session
from dashboard.components import link_dialog
from dashboard.components.action_forms import fill_in
from dashboard.components.errors import calm
from dashboard.display import called, plain
from dashboard.offers import OFFERED, PAYMENT_LINK, Offer
from dashboard.reads import View
from dashboard.session import Pending
from etl.actions.action import Preview
from etl.desk import Outcome
from etl.errors import UsageError

__all__ = ["ask", "offer", "show_open"]


def offer(view: View, record_id: str, offered: Offer) -> None:
    """The button that opens an action's dialog, for an invoice or a customer."""
    st.button(
        offered.button,
        icon=offered.icon,
        key=f"offer-{offered.action}",
        on_click=lambda: session.open_action(
            Pending(offered.action, view.slug, record_id, actions.new_key())
        ),
    )


def show_open(view: View, record_id: str, record: dict[str, Any]) -> None:
    """The dialog that is open for this invoice or customer, if one is."""
    pending = session.pending_action()
    if pending is None or (pending.tenant, pending.record_id) != (view.slug, record_id):
        return
    if pending.receipt is not None:
        link_dialog.show(view, pending.receipt)
        return
    question = OFFERED[pending.action].question
    st.dialog(question, on_dismiss=session.close_action)(ask)(view, record, pending)


def ask(view: View, record: dict[str, Any], pending: Pending) -> None:
    """What is in the dialog: the form, what it would do, and the button that does it."""
    offered = OFFERED[pending.action]
    with calm():
        given, preview = _filled_in(view, record, pending)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="cancel-action"):
                session.close_action()
                st.rerun()
            pressed = st.button(
                offered.button, type="primary", disabled=preview is None, key="confirm-action"
            )
        if pressed and preview:
            outcome = actions.propose(view.user_id, view.slug, pending.action, given, pending.key)
            _leave(offered, pending, outcome)


def _filled_in(
    view: View, record: dict[str, Any], pending: Pending
) -> tuple[dict[str, Any], Preview | None]:
    """The input, and what it would do; or why it cannot be done."""
    try:
        given = fill_in(view, pending.action, record, pending.key)
        preview = actions.preview(view.user_id, view.slug, pending.action, given)
    except UsageError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        return {}, None
    st.markdown(plain(preview.sentence))
    for warning in preview.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    return given, preview


def _leave(offered: Offer, pending: Pending, outcome: Outcome) -> None:
    """Closes the dialog, or goes on to the answer where that is what was asked for."""
    session.close_action()
    if offered is PAYMENT_LINK:
        session.open_action(pending.with_receipt(outcome.receipt))
    else:
        st.toast(_told(offered, outcome), icon=offered.icon)
    st.rerun()


def _told(offered: Offer, outcome: Outcome) -> str:
    waits = {"proposed": "waiting for an approval", "done": "kept"}.get(outcome.status, "queued")
    return f"{offered.button}: {waits} for {called(outcome.document)}, receipt {outcome.receipt}"
