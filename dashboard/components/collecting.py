"""Whom to call, what each customer owes, money that waits, and a customer's statement."""

import streamlit as st

from dashboard import navigation, reads
from dashboard.components import statement_button, table
from dashboard.reads import View
from etl.store.preferences import Basis

__all__ = ["by_customer", "statement", "unapplied", "worklist"]

CALL = (
    "customer",
    "open_amount",
    "overdue_amount",
    "oldest_days",
    "score",
    "behaviour",
    "last_paid_on",
    "next",
)
WAITING = ("since_on", "kind", "document", "customer", "amount", "days")
DRAWN = 100


def worklist(view: View) -> None:
    """Customers with overdue invoices, ranked, each with its next step."""
    with st.container(border=True):
        st.subheader("Whom to call", anchor=False)
        if not reads.figures(view, "collectors_worklist", limit=DRAWN).rows:
            st.caption("Nobody is overdue: customers to call would be listed here.")
            return
        opened = table.show(
            view, "collectors_worklist", CALL, opens="customer_id", high=10, drawn=DRAWN
        )
        st.caption(
            "The score is of punctuality, days late and failed payments together; the class beside "
            "it is of days late alone. So one customer may be good by days late and low in score."
        )
    _open_customer(opened)


def by_customer(view: View, by: Basis) -> None:
    """What each customer owes by age, most overdue first."""
    with st.container(border=True):
        st.subheader("Aging by customer", anchor=False)
        found = reads.figures(view, "ar_aging_by_customer", basis=by, limit=DRAWN)
        if not found.rows:
            st.caption("No customer owes anything on this day.")
            return
        names = [name for name in found.names if name not in {"customer_id", "currency"}]
        opened = table.show(
            view,
            "ar_aging_by_customer",
            names,
            opens="customer_id",
            high=10,
            drawn=DRAWN,
            basis=by,
        )
    _open_customer(opened)


def unapplied(view: View) -> None:
    """Payments and credits that no invoice holds."""
    with st.container(border=True):
        st.subheader("Unapplied money", anchor=False)
        if not reads.figures(view, "unapplied_money", limit=DRAWN).rows:
            st.caption("Every payment and credit is on an invoice.")
            return
        opened = table.show(
            view, "unapplied_money", WAITING, opens="customer_id", high=8, drawn=DRAWN
        )
    _open_customer(opened)


def statement(view: View) -> None:
    """The statement of a customer who owes something, to be sent to them."""
    found = reads.figures(view, "ar_aging_by_customer", currency=None, limit=None).records()
    names = {row["customer_id"]: row["customer"] for row in found if row["customer_id"]}
    with st.container(border=True):
        st.subheader("Statement of a customer", anchor=False)
        if not names:
            st.caption("No customer owes anything on this day.")
            return
        chosen = st.selectbox(
            "Customer",
            sorted(names, key=lambda customer_id: names[customer_id].casefold()),
            format_func=names.__getitem__,
            key=f"statement-{view.slug}",
            label_visibility="collapsed",
        )
        st.caption(
            "What they owed ninety days before, every document since with the balance after it, "
            "and what they owe now."
        )
        narrowed = {"customer": chosen, "currency": None}
        with st.container(horizontal=True):
            statement_button.show(view, chosen)
            table.csv_button(view, "customer_statement", label="Statement, CSV", **narrowed)


def _open_customer(customer_id: str | None) -> None:
    if customer_id:
        navigation.to(navigation.CUSTOMERS, customer=customer_id)
