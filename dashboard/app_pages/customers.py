"""Customers: all of them, or one with everything that is known of it."""

from dataclasses import replace

import streamlit as st

from dashboard import frames, navigation, reads, session
from dashboard.components import (
    confirm,
    customer_cards,
    customer_parts,
    customer_tiles,
    customer_title,
    empty,
    page,
    table,
)
from dashboard.components.customer_tiles import Customer
from dashboard.reads import View

LIST = (
    "customer",
    "open_amount",
    "overdue_amount",
    "unapplied",
    "balance",
    "score",
    "behaviour",
    "last_paid_on",
)
PAGE, WORDS = "customers", ("q",)
PHONE = ("customer", "open_amount", "overdue_amount", "behaviour")


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
    # Their own currency decides, whatever the other pages are in.
    own = replace(view, currency=None, reporting=None)
    found = reads.figures(own, "customers", customer=customer_id).records()
    if found:
        _one(own, Customer(own, found[0]))
    else:
        empty.show("No such customer", "The link names none of this tenant's customers.")


def _all(view: View) -> None:
    with st.container(border=True):
        with table.heading("By balance"):
            search = _search()
        if not reads.figures(view, "customers", search=search, limit=frames.DRAWN).rows:
            st.caption("No customer matches." if search else "BILL has no customers yet.")
            return
        names = PHONE if session.is_on_phone() else LIST
        opened = table.show(view, "customers", names, opens="customer_id", search=search, high=18)
    if opened:
        session.show_record("customer", opened)
        st.rerun()


def _search() -> str | None:
    text = session.words(PAGE, WORDS).get("q", "")
    key = session.kept_widget("customer-search", text)
    st.text_input(
        "Search",
        type="search",
        placeholder="Name, e-mail or number",
        live=True,
        key=key,
        label_visibility="collapsed",
        width=240,
        max_chars=200,
        on_change=lambda: session.write_words(PAGE, WORDS, {"q": session.value(key) or ""}),
    )
    return text.strip() or None


def _one(view: View, customer: Customer) -> None:
    customer_title.show(view, customer)
    customer_tiles.show(customer)
    for column, card in zip(
        st.columns(3, gap="small"),
        (customer_cards.payment_habits, customer_cards.aging, customer_cards.contacts),
        strict=True,
    ):
        with column:
            card(customer)
    customer_parts.show(view, customer)
    about = {"customer_id": customer.id, "currency": customer.currency}
    confirm.show_open(view, customer.id, about)


if __name__ == "__main__":
    page.show(navigation.CUSTOMERS, body)
