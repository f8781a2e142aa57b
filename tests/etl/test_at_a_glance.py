"""The figures of the first page: collected so far, days outstanding by month, expected cash."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, customer, golden, invoice, payment

D = Decimal
Rows = list[dict[str, Any]]


def ask(snapshot: Snapshot, metric: str, day: date | str, **more: Any) -> Rows:
    on = day if isinstance(day, date) else date.fromisoformat(day)
    return answer(metric, snapshot, Question(as_of=on, **more)).records()


def published(path: Path, book: dict[str, list[dict[str, Any]]], on: str) -> Snapshot:
    lineage = Lineage(path)
    lineage.load(book, on)
    return lineage.publish()


def cash(*parts: tuple[str, str]) -> dict[str, list[dict[str, Any]]]:
    """One large invoice, and what came for it on which day."""
    payments = [
        payment(f"P{at}", "C1", amount, on, {"I1": amount}) for at, (on, amount) in enumerate(parts)
    ]
    return {
        "customers": [customer("C1")],
        "invoices": [invoice("I1", "C1", "10000.00", "2026-01-02", "2026-02-01")],
        "receivable_payments": payments,
    }


def test_a_day_week_and_month_stand_beside_as_much_of_the_one_before(tmp_path: Path) -> None:
    parts = (
        ("2026-05-01", "1.00"),
        ("2026-05-17", "2.00"),
        ("2026-05-18", "4.00"),  # after the 17th: not in as much of May
        ("2026-06-08", "8.00"),  # Monday of the week before
        ("2026-06-11", "16.00"),  # a Thursday: after Wednesday
        ("2026-06-15", "32.00"),  # Monday
        ("2026-06-16", "64.00"),
        ("2026-06-17", "128.00"),
        ("2026-06-18", "256.00"),  # tomorrow
    )
    found = ask(published(tmp_path, cash(*parts), "2026-06-30"), "collected_so_far", "2026-06-17")
    said = {row["span"]: (row["amount"], row["before_amount"], row["change"]) for row in found}
    assert said == {
        "today": (D("128.00"), D("64.00"), D("64.00")),
        "week": (D("224.00"), D("8.00"), D("216.00")),
        "month": (D("248.00"), D("3.00"), D("245.00")),
    }


def test_a_long_month_is_set_beside_the_whole_of_a_short_one(tmp_path: Path) -> None:
    book = cash(("2026-02-28", "5.00"), ("2026-03-31", "7.00"))
    found = ask(published(tmp_path, book, "2026-04-30"), "collected_so_far", "2026-03-31")
    month = next(row for row in found if row["span"] == "month")
    assert (month["before_to_on"], month["before_amount"]) == (date(2026, 2, 28), D("5.00"))


@pytest.fixture(scope="module")
def june(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return published(tmp_path_factory.mktemp("glance"), golden(), "2025-08-01")


def test_a_months_collected_is_that_of_the_summary(june: Snapshot) -> None:
    for day in ("2025-05-31", "2025-07-02"):
        found = ask(june, "collected_so_far", day)
        months = {row["currency"]: row["amount"] for row in found if row["span"] == "month"}
        summary = ask(june, "summary", day)
        assert months == {row["currency"]: row["collected_this_month"] for row in summary}


def test_every_months_end_is_the_simple_form_of_its_day(june: Snapshot) -> None:
    found = ask(june, "dso_by_month", "2025-07-15")
    months = {"2025-04": "2025-04-30", "2025-05": "2025-05-31", "2025-06": "2025-06-30"}
    for name, day in (months | {"2025-07": "2025-07-15"}).items():
        simple = {
            row["currency"]: (row["closing_ar"], row["sales"], row["dso"])
            for row in ask(june, "dso", day)
            if row["variant"] == "simple"
        }
        trend = {
            row["currency"]: (row["closing_ar"], row["sales"], row["dso"])
            for row in found
            if row["month"] == name
        }
        assert trend == simple, name


def test_a_change_is_the_difference_to_the_month_before(june: Snapshot) -> None:
    days = [row for row in ask(june, "dso_by_month", "2025-07-15") if row["currency"] == "USD"]
    assert days[0]["change"] is None
    for before, row in pairwise(days):
        if row["dso"] is not None and before["dso"] is not None:
            assert row["change"] == row["dso"] - before["dso"]


def test_four_weeks_are_the_single_weeks_added_up(tmp_path: Path) -> None:
    last = date(2026, 6, 28)
    weeks = [last - timedelta(days=7 * back) for back in range(45, -1, -1)]
    bills = [
        invoice(f"I{at}", "C1", "100.00", f"{on}", f"{on + timedelta(days=14)}")
        for at, on in enumerate(weeks)
    ]
    money = [
        payment(f"P{at}", "C1", "100.00", f"{on + timedelta(days=16)}", {f"I{at}": "100.00"})
        for at, on in enumerate(weeks[:-3])
    ]
    book = {"customers": [customer("C1")], "invoices": bills, "receivable_payments": money}
    snapshot = published(tmp_path, book, f"{last}")
    (row,) = ask(snapshot, "expected_cash", last)
    single = ask(snapshot, "cash_forecast", last)[:4]
    for mark in ("p10", "p50", "p90"):
        assert row[mark] == sum(week[mark] for week in single)
    tested = ask(snapshot, "cash_forecast_backtest", last)
    assert (row["weeks"], row["inside"]) == (8, [t["inside"] for t in tested].count("yes"))
    assert (row["from_on"], row["to_on"]) == (last + timedelta(days=1), last + timedelta(days=28))
