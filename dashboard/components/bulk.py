"""One action on the invoices that were chosen: a bar of buttons, and one preview for all; or one
payment of several."""

from typing import Any

import streamlit as st

from dashboard import actions, reads, session
from dashboard.components import confirm
from dashboard.components.errors import calm
from dashboard.display import called, money, plain, plural
from dashboard.offers import ARCHIVE, EMAIL, OFFERED, RECORD, Offer
from dashboard.reads import View
from dashboard.session import Pending, PendingBulk
from etl.acting.bulk import Bulk
from etl.acting.drafts import owed_together
from etl.errors import UsageError

__all__ = ["bar", "show_open"]


def bar(view: View, chosen: tuple[str, ...]) -> None:
    """What may be done with the rows chosen; nothing while none is."""
    if not chosen:
        st.caption("Tick rows to send or archive several at once, or to record a payment of them.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plural(len(chosen), 'invoice')}** chosen", width="content")
        for offered in (EMAIL, RECORD, ARCHIVE):
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
    content = _one_payment if pending.action == RECORD.action else _dialog
    st.dialog(ask, on_dismiss=session.close_action)(content)(view, pending)


def _one_payment(view: View, pending: PendingBulk) -> None:
    with calm():
        try:
            owed = owed_together(_open_items(view, pending.invoice_ids[0]), pending.invoice_ids)
        except UsageError as why:
            st.warning(plain(str(why)), icon=":material/info:")
            return
        confirm.ask(view, owed, Pending(pending.action, pending.tenant, "", pending.key))


def _open_items(view: View, invoice_id: str) -> list[dict[str, Any]]:
    """Of the customer of an invoice, today, whatever day the page is set to."""
    now = {"as_of": view.today, "currency": None}
    found = reads.figures(view, "invoices", invoice=invoice_id, **now).records()
    customer_ids = {invoice["customer_id"] for invoice in found}
    return [
        item
        for customer_id in customer_ids
        for item in reads.figures(view, "open_items", customer=customer_id, **now).records()
    ]


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
