"""The metrics against a naive second implementation, to the cent, on any day."""

import random
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.businesses import BUSINESSES, Business
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage
from tests.etl.naive import NaiveBook
from tests.etl.random_books import random_book, records_of
from tests.worlds import WRITTEN_AT, written_world

BOOKS = 6  # raise it to soak
DAYS = 30


def published(path: Path, book: Book, day: str) -> Snapshot:
    lineage = Lineage(path)
    lineage.load(records_of(book), day)
    return lineage.publish()


def agree(snapshot: Snapshot, naive: NaiveBook, days: list[date]) -> None:
    for day in days:
        question = Question(as_of=day)
        aging = {
            row[0]: [Fraction(amount) for amount in row[1:]]
            for row in answer("ar_aging", snapshot, question).rows
        }
        plainly = naive.aging(day)
        assert aging == plainly, day
        simple = {
            row["currency"]: None if row["dso"] is None else Fraction(row["dso"])
            for row in answer("dso", snapshot, question).records()
            if row["variant"] == "simple"
        }
        expected = naive.dso(day, plainly)
        assert simple == {code: expected.get(code) for code in simple}, day
        collected = {
            (row["month"], row["currency"]): Fraction(row["amount"])
            for row in answer("collected_by_month", snapshot, question).records()
            if row["amount"]
        }
        assert collected == naive.collected(day), day


def some_days(seed: object, first: date, last: date) -> list[date]:
    rng = random.Random(str(seed))
    span = (last - first).days
    return [first + timedelta(days=rng.randrange(span + 1)) for _ in range(DAYS)]


@pytest.mark.parametrize("seed", range(BOOKS))
def test_random_books_agree_on_any_day(tmp_path: Path, seed: int) -> None:
    book = random_book(seed)
    assert len(book.invoices) > 20
    snapshot = published(tmp_path, book, "2025-12-31")
    agree(snapshot, NaiveBook(book), some_days(seed, date(2024, 12, 20), date(2026, 1, 31)))


@pytest.mark.parametrize("business", BUSINESSES, ids=lambda business: business.key)
def test_the_seeded_tenants_agree_on_any_day(tmp_path: Path, business: Business) -> None:
    book = written_world([business]).tenants[0].book
    last = WRITTEN_AT.date()
    snapshot = published(tmp_path, book, last.isoformat())
    agree(snapshot, NaiveBook(book), some_days(business.key, last - timedelta(days=730), last))
