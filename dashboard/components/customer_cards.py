"""Cards on one customer: how they pay, how old what they owe is, how to reach them."""

import streamlit as st

from dashboard import reads
from dashboard.components import facts
from dashboard.components.customer_tiles import Customer
from dashboard.display import called, days, money, percent, plain

__all__ = ["aging", "contacts", "payment_habits"]


def payment_habits(customer: Customer) -> None:
    """What the score is made of, each part with its weight in it."""
    of, late = (
        customer.one("payment_behaviour"),
        customer.one("days_late", from_on=customer.a_year_ago),
    )
    failures = len(customer.ask("failed_payments"))
    with st.container(border=True, height="stretch"):
        st.subheader("How they pay", anchor=False)
        facts.show(
            [
                ("On time, 50 points", percent(of.get("on_time"))),
                ("Days late, 30 points", days(of.get("days_late"))),
                ("Failed online, 20 points", percent(of.get("failed"))),
                ("Settled invoices", f"{of.get('settled_invoices', 0):,}"),
                ("Paid after due, in a year", f"{days(late.get('days_late'))} days"),
                ("Failed payments, ever", f"{failures:,}"),
            ]
        )
        st.caption(
            plain(of.get("reason") or "")
            or "Of the last 365 days; what is newer weighs more, and open invoices count as late."
        )


def aging(customer: Customer) -> None:
    """What is open by age, and how much of all receivables hangs on them."""
    found = reads.figures(customer.view, "ar_aging", customer=customer.id)
    row = next((row for row in found.records() if row["currency"] == customer.currency), None)
    with st.container(border=True, height="stretch"):
        st.subheader("Aging", anchor=False)
        if row is None:
            st.caption("Nothing is open, and no money waits for an invoice.")
        else:
            columns = [column for column in found.metric.columns if column.kind == "money"]
            facts.show(
                (column.heading, plain(money(row[column.name], customer.currency)))
                for column in columns
            )
        _shares(customer)


def _shares(customer: Customer) -> None:
    shares = {row["measure"]: row["share"] for row in customer.ask("customer_shares")}
    if shares:
        told = ", ".join(f"{percent(share)} of {measure}" for measure, share in shares.items())
        st.caption(f"Of all in {customer.currency}: {told}.")


def contacts(customer: Customer) -> None:
    """How to reach them, as BILL has it."""
    (of,) = reads.figures(customer.view, "customer_contacts", customer=customer.id).records()
    with st.container(border=True, height="stretch"):
        st.subheader("Contact", anchor=False)
        facts.show(
            [
                ("Contact", called(of["contact"]) or "–"),
                ("E-mail", called(of["email"]) or "–"),
                ("Phone", called(of["phone"]) or "–"),
                ("Address", called(of["address"]) or "–"),
                ("Account number", called(of["account_number"]) or "–"),
                ("Terms", called(of["payment_term"]) or "–"),
            ]
        )
        if of["state"] == "archived":
            st.caption("Archived in BILL.")
