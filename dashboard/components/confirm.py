"""The dialogs that come before an effect: what will happen, and a button that says so."""

from typing import Any

import streamlit as st

from dashboard import actions, session
from dashboard.components.errors import calm
from dashboard.display import plain
from dashboard.reads import View
from dashboard.session import Pending
from etl.actions.action import Preview
from etl.desk import Outcome
from etl.errors import UsageError

__all__ = ["offer", "show_open"]


def offer(view: View, invoice: dict[str, Any], offered: actions.Offer) -> None:
    """The button that opens an action's dialog."""
    st.button(
        offered.button,
        icon=offered.icon,
        key=f"offer-{offered.action}",
        on_click=lambda: session.open_action(
            Pending(offered.action, view.slug, invoice["invoice_id"], actions.new_key())
        ),
    )


def show_open(view: View, invoice: dict[str, Any]) -> None:
    """The dialog that is open for this invoice, if one is."""
    pending = session.pending_action()
    if pending is None or (pending.tenant, pending.invoice_id) != (
        view.slug,
        invoice["invoice_id"],
    ):
        return
    ask = actions.OFFERED[pending.action].question
    st.dialog(ask, on_dismiss=session.close_action)(_dialog)(view, invoice, pending)


def _dialog(view: View, invoice: dict[str, Any], pending: Pending) -> None:
    offered = actions.OFFERED[pending.action]
    with calm():
        recipient = ""
        if pending.action == actions.EMAIL.action:
            recipient = _recipient(invoice, pending)
        given = actions.given_for(pending.action, pending.invoice_id, recipient)
        preview = _preview(view, pending, given)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="cancel-action"):
                session.close_action()
                st.rerun()
            pressed = st.button(
                offered.button, type="primary", disabled=preview is None, key="confirm-action"
            )
        if pressed and preview:
            outcome = actions.propose(view.user_id, view.slug, pending.action, given, pending.key)
            session.close_action()
            st.toast(_told(offered, outcome), icon=offered.icon)
            st.rerun()


def _recipient(invoice: dict[str, Any], pending: Pending) -> str:
    return (
        st.text_input(
            "To",
            value=invoice["customer_email"] or "",
            placeholder="name@company.com",
            live=True,
            key=f"recipient-{pending.key}",
        )
        or ""
    )


def _told(offered: actions.Offer, outcome: Outcome) -> str:
    waits = "waiting for an approval" if outcome.status == "proposed" else "queued"
    return f"{offered.button}: {waits} for {plain(outcome.document)}, receipt {outcome.receipt}"


def _preview(view: View, pending: Pending, given: dict[str, Any]) -> Preview | None:
    try:
        preview = actions.preview(view.user_id, view.slug, pending.action, given)
    except UsageError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        return None
    st.markdown(plain(preview.sentence))
    for warning in preview.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    return preview
