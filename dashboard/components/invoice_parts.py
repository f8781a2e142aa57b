"""What one invoice is made of: its lines, what settled it, and what changed of it."""

from typing import Any

import streamlit as st

from dashboard import reads
from dashboard.components import table
from dashboard.display import money, plain
from dashboard.reads import View

__all__ = ["show"]

LINES = ("description", "amount", "quantity", "price")
SETTLEMENTS = ("settled_on", "settled_by", "document", "amount", "reversed_on")
CHANGES = ("observed_at", "field", "before", "after")
PARTS = ("Lines", "Payments and credits", "Changes")


def show(view: View, invoice: dict[str, Any]) -> None:
    """One of the three at a time, as only what is looked at is read."""
    part = st.segmented_control(
        "Part of the invoice",
        PARTS,
        default=PARTS[0],
        required=True,
        key="invoice-part",
        label_visibility="collapsed",
        persist_state="session",
    )
    {PARTS[0]: _lines, PARTS[1]: _settlements, PARTS[2]: _changes}[part or PARTS[0]](view, invoice)


def _lines(view: View, invoice: dict[str, Any]) -> None:
    asked = {"invoice": invoice["invoice_id"], "currency": None}
    if not reads.figures(view, "invoice_lines", **asked).rows:
        st.caption("BILL gives no lines of this invoice.")
        return
    table.show(view, "invoice_lines", LINES, **asked)
    tax = plain(money(invoice["tax_amount"], invoice["currency"]))
    total = plain(money(invoice["total_amount"], invoice["currency"]))
    st.caption(f"Lines are without tax; with {tax} of sales tax they make {total}.")


def _settlements(view: View, invoice: dict[str, Any]) -> None:
    asked = {"invoice": invoice["invoice_id"], "currency": None, "as_of": view.today}
    if not reads.figures(view, "invoice_settlements", **asked).rows:
        st.caption("No payment or credit memo was applied to it yet.")
        return
    table.show(view, "invoice_settlements", SETTLEMENTS, **asked)


def _changes(view: View, invoice: dict[str, Any]) -> None:
    asked = {"record": invoice["invoice_id"], "as_of": view.today}
    table.show(view, "record_history", CHANGES, **asked)
    st.caption(
        "Every version that a sync saw, oldest first. A row without a field is the version first "
        "seen; what changed before that is not known."
    )
