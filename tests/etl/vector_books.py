"""The books behind the vectors of the metrics page: small enough to work out by hand."""

from decimal import Decimal
from typing import Any

from tests.etl.books import at, credit_memo, customer, invoice, payment

Records = dict[str, list[dict[str, Any]]]


def paid(number: str, amount: str, on: str, *, online: bool = True) -> dict[str, Any]:
    """A payment of the invoice with its number."""
    invoice_id = f"I{number.rstrip('ab')}"
    return payment(f"P{number}", "C1", amount, on, {invoice_id: amount}, onlinePayment=online)


def quarter() -> Records:
    """100,000 before; sales of 270,000; then 120,000 open, of which 90,000 are not due."""
    return {
        "customers": [customer("C1")],
        "invoices": [
            invoice("I1", "C1", "100000.00", "2025-03-05", "2025-04-04"),
            invoice("I2", "C1", "150000.00", "2025-04-10", "2025-05-10"),
            invoice("I3", "C1", "30000.00", "2025-05-10", "2025-06-09"),
            invoice("I4", "C1", "90000.00", "2025-06-10", "2025-07-10"),
        ],
        "receivable_payments": [
            paid("1", "100000.00", "2025-04-20"),
            paid("2", "150000.00", "2025-05-20"),
        ],
    }


def _three_months(*payments: dict[str, Any]) -> Records:
    return {
        "customers": [customer("C1")],
        "invoices": [
            invoice("I1", "C1", "60000.00", "2025-04-15", "2025-05-15"),
            invoice("I2", "C1", "40000.00", "2025-05-15", "2025-06-14"),
            invoice("I3", "C1", "50000.00", "2025-06-15", "2025-07-15"),
        ],
        "receivable_payments": list(payments),
    }


def months() -> Records:
    """Sales of 60,000, 40,000 and 50,000 with 12,000, 20,000 and 25,000 of them open."""
    return _three_months(
        paid("1", "48000.00", "2025-05-20"),
        paid("2", "20000.00", "2025-06-20"),
        paid("3", "25000.00", "2025-06-25"),
    )


def countback() -> Records:
    """The same sales, with 120,000 of them open."""
    return _three_months(paid("1", "30000.00", "2025-05-20"))


def shares() -> Records:
    """Three customers of .5, .3 and .2; a fourth whose credit is all it has; and one in CAD."""
    return {
        "customers": [*(customer(f"C{n}") for n in range(1, 5)), customer("C5", "CAD")],
        "invoices": [
            invoice("I1", "C1", "500.00", "2025-05-01", "2025-05-31"),
            invoice("I2", "C2", "300.00", "2025-05-01", "2025-05-31"),
            invoice("I3", "C3", "200.00", "2025-05-01", "2025-07-31"),
            invoice("I5", "C5", "700.00", "2025-05-01", "2025-07-31"),
        ],
        "credit_memos": [credit_memo("CM1", "C4", "50.00", "2025-06-10")],
    }


def payer() -> Records:
    """Of 1,000 due on one day 800 came that day and 200 came 75 days late, so 15 on average;
    of 1,000 tried electronically 100 failed that day."""
    due = "2025-03-01"
    return {
        "customers": [customer("C1")],
        "invoices": [
            invoice("I1", "C1", "500.00", "2025-02-01", due),
            invoice("I2", "C1", "300.00", "2025-02-01", due),
            invoice("I3", "C1", "200.00", "2025-02-01", due),
        ],
        "receivable_payments": [
            paid("1", "500.00", due),
            paid("2a", "200.00", due),
            paid("2b", "100.00", due, online=False),
            paid("3", "200.00", "2025-05-15"),
            payment("P9", "C1", "100.00", due, {}, status="VOID", updatedTime=at(due)),
        ],
    }


def schedule(
    name: str, of: str, price: str, period: str, every: int, since: str, **more: Any
) -> dict[str, Any]:
    """A recurring invoice of one line."""
    return {
        "id": name,
        "customerId": of,
        "archived": False,
        "schedule": {"period": period, "frequency": every, "nextDueDate": "2026-12-01"},
        "recurringInvoiceLineItems": [{"price": Decimal(price), "quantity": 1}],
        "createdTime": at(since),
        "updatedTime": at(since),
    } | more


def schedules() -> Records:
    """100 a week, 900 a quarter and 1,200 a year."""
    return {
        "customers": [customer("C1")],
        "recurring_invoices": [
            schedule("S1", "C1", "100.00", "WEEKLY", 1, "2026-01-05"),
            schedule("S2", "C1", "900.00", "MONTHLY", 3, "2026-01-05"),
            schedule("S3", "C1", "1200.00", "YEARLY", 1, "2026-01-05"),
        ],
    }


def debits() -> Records:
    """Two hundred bank debits of one day, of which one came back as not authorized."""
    on = "2026-01-12"
    back = {"status": "VOID", "updatedTime": at("2026-01-14"), "description": "R10 not authorized"}
    names = [f"{n:03}" for n in range(200)]
    return {
        "customers": [customer("C1")],
        "invoices": [invoice(f"I{n}", "C1", "10.00", "2026-01-02", on) for n in names],
        "receivable_payments": [paid(n, "10.00", on) | (back if n == "000" else {}) for n in names],
    }
