"""Invoices: find any, look at one, send or archive one or several."""

from typing import Any

import streamlit as st

from dashboard import frames, navigation, reads, session
from dashboard.components import bulk, invoice_filters, invoice_panel, outcomes, page, table
from dashboard.components.table import Picked
from dashboard.display import called
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


def body(view: View) -> None:
    """The list, beside it the invoice that is open, and what became of actions."""
    invoice_id = session.opened("invoice")
    if session.is_on_phone():
        _one_below_the_other(view, invoice_id)
    elif invoice_id is None:
        _list(view, WIDE)
        outcomes.show(view)
    else:
        left, right = st.columns([6, 5], gap="small")
        with left:
            _list(view, NARROW)
        with right:
            invoice_panel.show(view, invoice_id)
            outcomes.show(view)
    bulk.show_open(view)


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
            filters = invoice_filters.show(view)
        invoice_filters.tell(filters)
        _customer_filter(view)
        narrowed = {**filters.narrowed(), "customer": session.opened("customer")}
        if not reads.figures(view, "invoices", limit=frames.DRAWN, **narrowed).rows:
            st.caption("No invoice matches: take a filter away, or choose a later day.")
            return
        picked = _table(view, names, narrowed)
    if picked.opened and picked.opened != session.opened("invoice"):
        session.show_record("invoice", picked.opened)
        st.rerun()


def _table(view: View, names: tuple[str, ...], narrowed: dict[str, Any]) -> Picked:
    if not view.may_act:
        opens = "invoice_id"
        return Picked(table.show(view, "invoices", names, opens=opens, high=18, **narrowed), ())
    above = st.container()
    picked = table.pick(view, "invoices", names, of="invoice_id", high=18, **narrowed)
    with above:
        bulk.bar(view, picked.chosen)
    return picked


def _customer_filter(view: View) -> None:
    customer_id = session.opened("customer")
    if customer_id is None:
        return
    found = reads.figures(view, "customer_contacts", customer=customer_id).records()
    name = called(found[0]["customer"]) if found else "a customer that is not known"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Only those of **{name}**", width="content")
        st.button(
            "Show all",
            type="tertiary",
            on_click=lambda: session.show_record("customer", None),
        )


if __name__ == "__main__":
    page.show(navigation.INVOICES, body)
