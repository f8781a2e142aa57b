from datetime import UTC, date, datetime, timedelta

import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.clearing import Clearing, Outcome, business_days_after
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.wire import Record
from billcom.sandbox.world import empty_tenant
from tests.billcom.sandbox.caller import address
from tests.billcom.sandbox.conftest import FRIDAY


@pytest.fixture
def moving() -> SettableClock:
    return SettableClock(FRIDAY)


@pytest.fixture
def book(moving: SettableClock) -> Book:
    return empty_tenant("alder", "Alder", moving).book


@pytest.fixture
def customer(book: Book) -> Record:
    body = {"name": "Granite", "email": "ap@granite.example", "billingAddress": address()}
    return book.create_customer(body)


def charge(book: Book, customer: Record, amount: int = 100, **fields: str) -> Record:
    lines = [{"quantity": 1, "price": amount}]
    customer_id = customer["id"]
    invoice = book.create_invoice({"customer": {"id": customer_id}, "invoiceLineItems": lines})
    account_id = book.add_bank_account(customer_id)
    return book.charge_customer(
        {
            "customerId": customer_id,
            "fundingAccount": {"id": account_id, "type": "BANK_ACCOUNT"},
            "invoicePayments": [{"invoiceId": invoice["id"], "amount": amount}],
            **fields,
        }
    )


def status_after(book: Book, moving: SettableClock, payment: Record, days: int) -> str:
    moving.set(FRIDAY + timedelta(days=days))
    book.catch_up()
    return str(book.payments[payment["id"]]["status"])


def test_business_days_leave_out_weekends() -> None:
    friday = date(2026, 9, 18)
    assert business_days_after(friday, 0) == friday
    assert business_days_after(friday, 1) == date(2026, 9, 21)
    assert business_days_after(friday, 6) == date(2026, 9, 28)


def test_a_charge_clears_some_business_days_later(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    payment = charge(book, customer)
    assert [status_after(book, moving, payment, days) for days in (0, 4, 5)] == [
        "SCHEDULED",
        "SCHEDULED",
        "PAID",
    ]
    (invoice,) = book.invoices.values()
    assert (invoice["status"], invoice["scheduledAmount"]) == ("PAID_IN_FULL", 0)


def test_what_happened_unseen_bears_the_time_it_happened_at(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    payment = charge(book, customer)
    assert status_after(book, moving, payment, 30) == "PAID"
    cleared = datetime(2026, 9, 23, 16, tzinfo=UTC).isoformat(timespec="milliseconds")
    assert book.payments[payment["id"]]["updatedTime"] == cleared


def test_a_customers_charges_can_be_returned_before_they_clear(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    book.decide_charges(customer["id"], Outcome.RETURNS)
    payment = charge(book, customer)
    assert status_after(book, moving, payment, 3) == "SCHEDULED"
    assert status_after(book, moving, payment, 4) == "VOID"
    (invoice,) = book.invoices.values()
    assert (invoice["status"], invoice["dueAmount"]) == ("OPEN", 100)
    assert status_after(book, moving, payment, 60) == "VOID"


def test_a_customers_charges_can_be_returned_days_after_they_cleared(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    book.decide_charges(customer["id"], Outcome.RETURNS_LATE)
    payment = charge(book, customer)
    assert [status_after(book, moving, payment, days) for days in (5, 12, 13)] == [
        "PAID",
        "PAID",
        "VOID",
    ]
    book.decide_charges(customer["id"], None)
    assert status_after(book, moving, charge(book, customer), 60) == "PAID"


def test_what_was_canceled_does_not_clear(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    payment = charge(book, customer)
    book.cancel_payment(payment["id"])
    assert status_after(book, moving, payment, 30) == "CANCELED"


def test_a_rate_returns_about_that_share(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    book.set_clearing(Clearing(days=1, return_rate=0.3))
    payments = [charge(book, customer) for _ in range(100)]
    moving.advance(timedelta(days=60))
    book.catch_up()
    returned = sum(book.payments[p["id"]]["status"] == "VOID" for p in payments)
    assert 15 <= returned <= 45


def test_a_cleared_agenda_leaves_the_book_as_it_is(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    payment = charge(book, customer)
    book.agenda.clear()
    assert status_after(book, moving, payment, 60) == "SCHEDULED"


def test_a_charge_on_the_last_day_there_is_waits_for_ever(
    book: Book, moving: SettableClock, customer: Record
) -> None:
    payment = charge(book, customer, paymentDate="9999-12-31")
    assert status_after(book, moving, payment, 3650) == "SCHEDULED"
