"""Customers: all of them, or one with its whole history."""

from typing import Any

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import empty, page, table, tiles
from dashboard.components.tiles import Tile
from dashboard.display import day, plain, short_money
from dashboard.reads import View

LIST = (
    "customer",
    "open_amount",
    "overdue_amount",
    "unapplied",
    "balance",
    "last_paid_on",
    "email",
)
OPEN_ITEMS = ("invoice_number", "invoice_on", "due_on", "days_past_due", "open_amount")
HISTORY = ("on", "event", "document", "amount", "balance")
PAYMENTS = (
    "payment_on",
    "amount",
    "unapplied_amount",
    "payment_type",
    "status",
    "reference_number",
)


def body(view: View) -> None:
    """The customer that the address names, or all."""
    customer_id = session.opened("customer")
    if customer_id is None:
        _all(view)
        return
    st.button(
        "All customers",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=lambda: session.show_record("customer", None),
    )
    found = [
        row
        for row in reads.figures(view, "customers", currency=None).records()
        if row["customer_id"] == customer_id
    ]
    if found:
        _one(view, found[0])
    else:
        empty.show("No such customer", "The link names none of this tenant's customers.")


def _all(view: View) -> None:
    with st.container(border=True):
        with table.heading("By balance"):
            search = _search()
        if not reads.figures(view, "customers", search=search).rows:
            st.caption("No customer matches." if search else "BILL has no customers yet.")
            return
        opened = table.show(view, "customers", LIST, opens="customer_id", search=search, high=18)
    if opened:
        session.show_record("customer", opened)
        st.rerun()


def _search() -> str | None:
    text = st.text_input(
        "Search",
        type="search",
        placeholder="Name, e-mail or number",
        live=True,
        key="customer-search",
        label_visibility="collapsed",
        persist_state="page",
        width=240,
    )
    return (text or "").strip() or None


def _one(view: View, customer: dict[str, Any]) -> None:
    st.subheader(plain(customer["customer"]), anchor=False)
    st.caption(plain(customer["email"]) or "No e-mail address in BILL")
    _tiles(view, customer)
    _part(view, "Open items", "open_items", OPEN_ITEMS, "Nothing is open.", customer)
    _part(view, "History", "customer_history", HISTORY, "Nothing happened yet.", customer)
    _part(view, "Payments", "payments", PAYMENTS, "No payment yet.", customer)


def _tiles(view: View, customer: dict[str, Any]) -> None:
    open_items = reads.figures(
        view, "open_items", customer=customer["customer_id"], currency=None
    ).rows

    def tile(label: str, name: str) -> Tile:
        return Tile(label, short_money(customer[name], customer["currency"]))

    paid_on = customer["last_paid_on"]
    tiles.row(
        [
            tile("Open", "open_amount"),
            tile("Overdue", "overdue_amount"),
            tile("Unapplied", "unapplied"),
            tile("Balance", "balance"),
            Tile("Open invoices", f"{len(open_items):,}"),
            Tile("Last payment", day(paid_on) if paid_on else "None yet"),
        ]
    )


def _part(
    view: View,
    title: str,
    metric: str,
    names: tuple[str, ...],
    nothing: str,
    customer: dict[str, Any],
) -> None:
    of = {"customer": customer["customer_id"], "currency": None}
    with st.container(border=True):
        st.subheader(title, anchor=False)
        if not reads.figures(view, metric, **of).rows:
            st.caption(nothing)
            return
        is_invoice = metric == "open_items"
        opened = table.show(view, metric, names, opens="invoice_id" if is_invoice else None, **of)
    if opened:
        navigation.to(navigation.INVOICES, invoice=opened)


if __name__ == "__main__":
    page.show(navigation.CUSTOMERS, body)
