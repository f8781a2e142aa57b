"""One action on the invoices that were chosen: a bar of buttons, and one preview for all."""

import streamlit as st

from dashboard import actions, session
from dashboard.components.errors import calm
from dashboard.display import called, money, plain, plural
from dashboard.offers import ARCHIVE, EMAIL, OFFERED, Offer
from dashboard.reads import View
from dashboard.session import PendingBulk
from etl.acting.bulk import Bulk

__all__ = ["bar", "show_open"]


def bar(view: View, chosen: tuple[str, ...]) -> None:
    """What may be done with the rows chosen; nothing while none is."""
    if not chosen:
        st.caption("Tick rows to send or archive several at once.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plural(len(chosen), 'invoice')}** chosen", width="content")
        for offered in (EMAIL, ARCHIVE):
            _offer(view, chosen, offered)


def _offer(view: View, chosen: tuple[str, ...], offered: Offer) -> None:
    st.button(
        offered.several[0],
        icon=offered.icon,
        key=f"bulk-{offered.action}",
        on_click=lambda: session.open_action(
            PendingBulk(offered.action, view.slug, chosen, actions.new_key())
        ),
    )


def show_open(view: View) -> None:
    """The dialog that is open for several invoices, if one is."""
    pending = session.pending_bulk()
    if pending is None or pending.tenant != view.slug:
        return
    ask = OFFERED[pending.action].several[1]
    st.dialog(ask, on_dismiss=session.close_action)(_dialog)(view, pending)


def _dialog(view: View, pending: PendingBulk) -> None:
    offered = OFFERED[pending.action]
    with calm():
        bulk = actions.preview_all(view.user_id, view.slug, pending.action, pending.invoice_ids)
        _preview(bulk)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="cancel-action"):
                session.close_action()
                st.rerun()
            pressed = st.button(
                offered.several[0],
                type="primary",
                disabled=not bulk.previews,
                key="confirm-action",
            )
        if pressed:
            proposed = actions.propose_all(view.user_id, view.slug, bulk, pending.key)
            session.close_action()
            told = plural(len(proposed), "invoice")
            st.toast(f"{offered.several[0]}: queued for {told}", icon=offered.icon)
            st.rerun()


def _preview(bulk: Bulk) -> None:
    if bulk.previews:
        amounts = " and ".join(money(amount, code) for code, amount in bulk.open_amounts)
        st.markdown(f"**{plural(len(bulk.previews), 'invoice')}**, {plain(amounts)} open:")
        with st.container(height=220 if len(bulk.previews) > 4 else "content", border=False):
            for preview in bulk.previews:
                st.caption(plain(preview.sentence))
    for document, why in bulk.left_out:
        st.warning(f"{called(document)} is left out. {plain(why)}", icon=":material/info:")
