"""Receivables at months' ends are those of the aging of the same days."""

import calendar
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, customer, invoice
from tests.etl.random_books import random_book, records_of


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    lineage = Lineage(tmp_path_factory.mktemp("months"))
    lineage.load(records_of(random_book(5)), "2025-12-31")
    published = lineage.publish()
    yield published
    published.hub.close()


def last_day(month: str, as_of: date) -> date:
    year, number = map(int, month.split("-"))
    return min(as_of, date(year, number, calendar.monthrange(year, number)[1]))


@pytest.mark.parametrize("as_of", [date(2025, 6, 17), date(2025, 12, 31), date(2026, 2, 28)])
def test_every_row_is_the_aging_of_its_day(snapshot: Snapshot, as_of: date) -> None:
    rows = answer("ar_by_month", snapshot, Question(as_of=as_of)).records()
    assert len({row["month"] for row in rows}) > 3
    for row in rows:
        day = Question(as_of=last_day(row["month"], as_of), currency=row["currency"])
        ((_, current, *late, gross, unapplied, net),) = answer("ar_aging", snapshot, day).rows or [
            ("", *[Decimal(0)] * 8)
        ]
        assert (row["gross"], row["unapplied"], row["net"]) == (gross, unapplied, net)
        assert row["overdue"] == sum(late) == gross - current


def test_two_years_are_shown_unless_more_are_asked_for(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    old = invoice("I1", "C1", "10.00", "2021-03-31", "2021-04-30")
    lineage.load({"customers": [customer("C1")], "invoices": [old]}, "2025-12-31")
    question = Question(as_of=date(2025, 12, 15))
    rows = answer("ar_by_month", lineage.publish(), question).records()
    assert [row["month"] for row in rows][:: len(rows) - 1] == ["2024-01", "2025-12"]
    assert {row["overdue"] for row in rows} == {Decimal("10.00")}
    since = Question(as_of=date(2021, 5, 2), from_on=date(2021, 3, 1))
    rows = answer("ar_by_month", lineage.publish(), since).records()
    assert [(row["month"], row["gross"], row["overdue"]) for row in rows] == [
        ("2021-03", Decimal("10.00"), Decimal(0)),
        ("2021-04", Decimal("10.00"), Decimal(0)),
        ("2021-05", Decimal("10.00"), Decimal("10.00")),
    ]
