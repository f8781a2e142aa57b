"""The metrics against a naive second implementation, to the last digit, on any day.

Two hundred random books. Five of them go into one tenant, each in currencies of its own: no figure
of one currency may show anything of another's, so each book must still be found there alone.
"""

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from billcom.sandbox.businesses import BUSINESSES, Business
from tests.etl.books import Lineage
from tests.etl.naive import NaiveBook
from tests.etl.opinions import Said, agree
from tests.etl.random_books import CURRENCIES, Records, random_book, records_of
from tests.worlds import WRITTEN_AT, written_world

BOOKS = int(os.environ.get("TIEOUT_PROOF_BOOKS", "200"))
DAYS = 30
ZONES = ("UTC", "America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland")
# Those of one book beside each other: digits of their own for each.
SETS = (
    CURRENCIES,
    ("EUR", "MXN", "KRW", "BHD"),
    ("GBP", "CHF", "VND", "JOD"),
    ("AUD", "SEK", "CLP", "OMR"),
    ("NZD", "PLN", "ISK", "TND"),
)


def some_days(seed: object, first: date, last: date) -> list[date]:
    rng = random.Random(str(seed))
    span = (last - first).days
    return [first + timedelta(days=rng.randrange(span + 1)) for _ in range(DAYS)]


def agree_on(path: Path, books: Sequence[Records], days: list[date], zone: str) -> None:
    lineage = Lineage(path, time_zone=zone)
    together = {name: [r for book in books for r in book[name]] for name in books[0]}
    lineage.load(together, max(days).isoformat())
    snapshot = lineage.publish()
    plain = [(NaiveBook(book, zone), book) for book in books]
    for day in days:
        said = Said(snapshot, day)
        for naive, book in plain:
            agree(said, naive, book)
    snapshot.hub.close()


@pytest.mark.parametrize("first", range(0, BOOKS, len(SETS)))
def test_random_books_agree_on_any_day(tmp_path: Path, first: int) -> None:
    books = [
        records_of(random_book(first + n), dict(zip(CURRENCIES, codes, strict=True)))
        for n, codes in enumerate(SETS)
    ]
    assert min(len(book["invoices"]) for book in books) >= 10
    days = some_days(first, date(2024, 12, 20), date(2026, 1, 31))
    agree_on(tmp_path, books, days, ZONES[first // len(SETS) % len(ZONES)])


def test_the_random_books_hold_all_that_can_happen() -> None:
    books = [records_of(random_book(seed)) for seed in range(40)]
    invoices = [record for book in books for record in book["invoices"]]
    payments = [record for book in books for record in book["receivable_payments"]]
    statuses = {(record["status"], record["onlinePayment"]) for record in payments}
    assert {("VOID", True), ("VOID", False), ("CANCELED", True), ("PAID", True)} <= statuses
    assert any(record["totalAmount"] == 0 for record in invoices)
    assert any(record["archived"] for record in invoices)
    assert any(record["salesTaxTotal"] for record in invoices)
    assert any(record["paymentDate"] < record["createdTime"][:10] for record in payments)
    assert any(memo["usage"] for book in books for memo in book["credit_memos"])
    mills = {record["totalAmount"].as_tuple().exponent for record in invoices}
    assert mills == {0, -2, -3}


@pytest.mark.parametrize("business", BUSINESSES, ids=lambda business: business.key)
def test_the_seeded_tenants_agree_on_any_day(tmp_path: Path, business: Business) -> None:
    book = written_world([business]).tenants[0].book
    tables = (book.customers, book.invoices, book.payments, book.credit_memos)
    names = ("customers", "invoices", "receivable_payments", "credit_memos")
    records = {name: list(table.values()) for name, table in zip(names, tables, strict=True)}
    last = WRITTEN_AT.date()
    days = some_days(business.key, last - timedelta(days=730), last)
    agree_on(tmp_path, [records], days, "UTC")
