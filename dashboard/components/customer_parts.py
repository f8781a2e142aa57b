"""What one customer's page lists: the timeline, open items, payments, the statement."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import statement_button, table
from dashboard.components.customer_tiles import Customer
from dashboard.display import day
from dashboard.periods import first_of_months
from dashboard.reads import View
from etl.exports import file_name

__all__ = ["show"]

TIMELINE = ("on", "event", "document", "amount", "balance", "status", "by", "said")
TIMELINE_ON_PHONE = ("on", "event", "amount", "balance", "document", "status", "said")
OPEN_ITEMS = ("invoice_number", "invoice_on", "due_on", "days_past_due", "open_amount")
PAYMENTS = (
    "payment_on",
    "amount",
    "unapplied_amount",
    "payment_type",
    "status",
    "reference_number",
)
STATEMENT = ("on", "event", "document", "amount", "balance")
PERIODS = {"This month": 1, "3 months": 3, "12 months": 12, "All": None}
EARLIEST = date(2000, 1, 1)


def show(view: View, customer: Customer) -> None:
    """One of them at a time, as only what is looked at is read."""
    with st.container(border=True):
        part = st.segmented_control(
            "Part of the customer",
            list(PARTS),
            default="Timeline",
            required=True,
            key="customer-part",
            label_visibility="collapsed",
            persist_state="session",
        )
        PARTS[part or "Timeline"](view, customer)


def _timeline(view: View, customer: Customer) -> None:
    found = reads.timeline(view, customer.id)
    if not found.rows:
        st.caption("Nothing happened yet: invoices, payments, credits and actions come here.")
        return
    names = TIMELINE_ON_PHONE if session.is_on_phone() else TIMELINE
    opened = table.show_figures(found, names, opens="invoice_id", key=f"timeline-{customer.id}")
    with table.footer(table.counted(found.total)):
        st.download_button(
            "CSV",
            data=reads.export_timeline(view, customer.id),
            file_name=file_name(view.grant, found),
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="csv-timeline",
        )
    _to_invoice(opened)


def _open_items(view: View, customer: Customer) -> None:
    if not customer.ask("open_items"):
        st.caption("Nothing is open.")
        return
    opened = table.show(view, "open_items", OPEN_ITEMS, opens="invoice_id", customer=customer.id)
    _to_invoice(opened)


def _to_invoice(opened: str | None) -> None:
    if opened:
        navigation.to(navigation.INVOICES, invoice=opened)


def _payments(view: View, customer: Customer) -> None:
    if not customer.ask("payments", limit=1):
        st.caption("No payment yet.")
        return
    table.show(view, "payments", PAYMENTS, customer=customer.id)


def _statement(view: View, customer: Customer) -> None:
    months = st.segmented_control(
        "Period",
        list(PERIODS),
        default="3 months",
        required=True,
        key="statement-period",
        label_visibility="collapsed",
        persist_state="session",
    )
    count = PERIODS[months or "3 months"]
    since = first_of_months(view.as_of, count) if count else EARLIEST
    if not customer.ask("customer_statement", from_on=since):
        st.caption("Nothing was owed and nothing happened: there is nothing to state.")
        return
    st.caption(f"From {day(since)} to {day(view.as_of)}" if count else f"To {day(view.as_of)}")
    statement_button.show(view, customer.id, since)
    table.show(view, "customer_statement", STATEMENT, customer=customer.id, from_on=since)


PARTS: dict[str, Callable[[View, Customer], None]] = {
    "Timeline": _timeline,
    "Open items": _open_items,
    "Payments": _payments,
    "Statement": _statement,
}
