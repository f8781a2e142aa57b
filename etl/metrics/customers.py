"""Customers: what each owes, how to reach them, and one's whole history."""

from dataclasses import replace
from decimal import Decimal

from etl.metrics.behaviour import payment_behaviour
from etl.metrics.figures import (
    Column,
    Figures,
    Metric,
    Needs,
    Question,
    answered,
    ask,
    fetch,
)
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "CUSTOMERS",
    "CUSTOMER_CONTACTS",
    "CUSTOMER_HISTORY",
    "PAYMENTS",
    "customer_contacts",
    "customer_history",
    "customers",
    "payments",
]

CUSTOMER_HISTORY = Metric(
    name="customer_history",
    title="Customer history",
    unit="money",
    grain="event",
    owner="collections",
    definition=(
        "Every event that changed what a customer owes, oldest first: invoices, payments, "
        "returns, credits; with the balance after each."
    ),
    page="Customers",
    columns=(
        Column("on", "date", "Date"),
        Column("event", "text", "Event"),
        Column("document", "text", "Document"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("balance", "money", "Balance", adds_up=False),
        Column("invoice_id", "id", "Invoice id"),
    ),
    parameters=("as_of", "customer"),
    needs_customer=True,
)

CUSTOMERS = Metric(
    name="customers",
    title="Customers",
    unit="money",
    grain="customer",
    owner="collections",
    definition=(
        "Every customer with what is open, overdue and unapplied at the end of a day, and how they "
        "pay, largest balance first."
    ),
    page="Customers",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("open_amount", "money", "Open"),
        Column("overdue_amount", "money", "Overdue"),
        Column("unapplied", "money", "Unapplied"),
        Column("balance", "money", "Balance"),
        Column("last_paid_on", "date", "Last payment"),
        Column("email", "text", "E-mail"),
        Column("score", "score", "Score"),
        Column("behaviour", "text", "By days late"),
    ),
    parameters=("as_of", "currency", "customer", "search", "limit", "grace_days", "edges"),
    is_counted=True,
    needs=Needs(("open_item", "unapplied")),
    ways=(("edges", "behaviour_edges"), ("grace_days", "grace_days")),
)

CUSTOMER_CONTACTS = Metric(
    name="customer_contacts",
    title="Customers' contacts",
    unit="text",
    grain="customer",
    owner="collections",
    definition="How to reach each customer, and on which terms they buy, as BILL has it now.",
    page="Customers",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("contact", "text", "Contact"),
        Column("email", "text", "E-mail"),
        Column("phone", "text", "Phone"),
        Column("address", "text", "Address"),
        Column("account_number", "text", "Account number"),
        Column("payment_term", "text", "Terms"),
        Column("state", "text", "State"),
    ),
    parameters=("customer", "search", "limit"),
    is_counted=True,
)

PAYMENTS = Metric(
    name="payments",
    title="Payments",
    unit="money",
    grain="receivable payment",
    owner="collections",
    definition="Every receivable payment with the status BILL gives it now, newest first.",
    page="Customers",
    columns=(
        Column("payment_id", "id", "Payment id"),
        Column("payment_on", "date", "Payment date"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("unapplied_amount", "money", "Unapplied"),
        Column("payment_type", "text", "Method"),
        Column("status", "text", "BILL status"),
        Column("reference_number", "text", "Reference"),
    ),
    parameters=("currency", "customer", "limit"),
    is_counted=True,
)


ASKED_OF_CUSTOMERS = ("as_of", "currency", "customer", "search", "limit")


def customer_history(snapshot: Snapshot, question: Question) -> Figures:
    """One customer's events: see CUSTOMER_HISTORY."""
    return ask(CUSTOMER_HISTORY, snapshot, question)


def customers(snapshot: Snapshot, question: Question) -> Figures:
    """All customers: see CUSTOMERS. A score is of amounts in the customer's own currency."""
    found = fetch(CUSTOMERS, snapshot, question.parameters(ASKED_OF_CUSTOMERS))
    asked = replace(question, currency=None, among=tuple(row[0] for row in found))
    scores = _scores(replace(snapshot, conversion=None), asked) if found else {}
    rows = [(*row[:-1], *scores.get(row[0], (None, ""))) for row in found]
    figures = answered(CUSTOMERS, snapshot, question, rows)
    return replace(figures, total=found[0][-1] if found else 0)


def _scores(snapshot: Snapshot, question: Question) -> dict[str, tuple[Decimal | None, str]]:
    return {
        row["customer_id"]: (row["score"], row["behaviour"])
        for row in payment_behaviour(snapshot, question).records()
    }


def customer_contacts(snapshot: Snapshot, question: Question) -> Figures:
    """How to reach customers: see CUSTOMER_CONTACTS."""
    return ask(CUSTOMER_CONTACTS, snapshot, question)


def payments(snapshot: Snapshot, question: Question) -> Figures:
    """All receivable payments: see PAYMENTS."""
    return ask(PAYMENTS, snapshot, question)
