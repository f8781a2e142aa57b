"""Invoices: find one, look at it, send it by e-mail or archive it."""

from typing import Any

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import invoice_panel, outcomes, page, table
from dashboard.display import plain, state
from dashboard.reads import View

WIDE = (
    "invoice_number",
    "customer",
    "invoice_on",
    "due_on",
    "total_amount",
    "open_amount",
    "state",
)
NARROW = ("invoice_number", "customer", "due_on", "open_amount", "state")
PHONE = ("invoice_number", "open_amount", "state", "customer", "due_on")
STATES = ("open", "overdue", "paid", "archived")


def body(view: View) -> None:
    """The list, beside it the invoice that is open, and what became of actions."""
    invoice_id = session.opened("invoice")
    if session.is_on_phone():
        _one_below_the_other(view, invoice_id)
    elif invoice_id is None:
        _list(view, WIDE)
        outcomes.show(view)
    else:
        left, right = st.columns([5, 3], gap="small")
        with left:
            _list(view, NARROW)
        with right:
            invoice_panel.show(view, invoice_id)
            outcomes.show(view)


def _one_below_the_other(view: View, invoice_id: str | None) -> None:
    if invoice_id is not None:
        invoice_panel.show(view, invoice_id)
        outcomes.show(view)
    _list(view, PHONE)
    if invoice_id is None:
        outcomes.show(view)


def _list(view: View, names: tuple[str, ...]) -> None:
    with st.container(border=True):
        with table.heading("Newest first"):
            narrowed = _filters()
        _customer_filter(view)
        if not reads.figures(view, "invoices", limit=1, **narrowed).rows:
            st.caption("No invoice matches: take a filter away, or choose a later day.")
            return
        opened = table.show(view, "invoices", names, opens="invoice_id", high=18, **narrowed)
    if opened and opened != session.opened("invoice"):
        session.show_record("invoice", opened)
        st.rerun()


def _filters() -> dict[str, Any]:
    text = st.text_input(
        "Search",
        type="search",
        placeholder="Number or customer",
        live=True,
        key="invoice-search",
        label_visibility="collapsed",
        persist_state="session",
        width=200,
    )
    chosen = st.segmented_control(
        "State",
        STATES,
        format_func=state,
        key="invoice-state",
        label_visibility="collapsed",
        persist_state="session",
    )
    return {
        "search": (text or "").strip() or None,
        "state": chosen,
        "customer": session.opened("customer"),
    }


def _customer_filter(view: View) -> None:
    customer_id = session.opened("customer")
    if customer_id is None:
        return
    found = reads.figures(view, "invoices", customer=customer_id, currency=None, limit=1).records()
    name = plain(found[0]["customer"]) if found else "a customer without invoices"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Only those of **{name}**", width="content")
        st.button(
            "Show all",
            type="tertiary",
            on_click=lambda: session.show_record("customer", None),
        )


if __name__ == "__main__":
    page.show(navigation.INVOICES, body)
