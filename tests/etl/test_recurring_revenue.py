"""Recurring revenue: normalised to a month, and every movement by its name."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.recurring import Stretch, month_ends, monthly, movement
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer
from tests.etl.vector_books import schedule, schedules

MONEY = st.decimals(0, 10**9, places=2)


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(snapshot: Snapshot, metric: str, day: str, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


def test_a_week_a_quarter_and_a_year_are_a_month_each(lineage: Lineage) -> None:
    lineage.load(schedules(), "2026-01-05")
    (row,) = ask(lineage.publish(), "recurring_revenue_movements", "2026-01-31")
    assert (row["new"], row["end_amount"]) == (Decimal("833.33"), Decimal("833.33"))


@pytest.mark.parametrize(
    ("period", "every", "amount"),
    [
        ("WEEKLY", 1, "433.33"),
        ("WEEKLY", 2, "216.67"),
        ("MONTHLY", 1, "100.00"),
        ("MONTHLY", 6, "16.67"),
        ("YEARLY", 1, "8.33"),
        ("DAILY", 1, "3041.67"),
    ],
)
def test_every_period_has_its_share_of_a_month(period: str, every: int, amount: str) -> None:
    days = (date(2026, 1, 1), date(9999, 12, 31))
    assert monthly(Stretch("USD", "C1", "C1", period, every, Decimal(100), *days)) == Decimal(
        amount
    )


def test_a_customer_comes_grows_shrinks_leaves_and_comes_back(lineage: Lineage) -> None:
    base = schedule("S1", "C1", "100.00", "MONTHLY", 1, "2026-01-05")
    prices = (("2026-02-10", "150.00", False), ("2026-03-10", "120.00", False))
    shelved = (("2026-04-10", "120.00", True), ("2026-06-10", "90.00", False))
    lineage.load({"customers": [customer("C1")], "recurring_invoices": [base]}, "2026-01-05")
    for day, price, is_archived in prices + shelved:
        line = [{"price": Decimal(price), "quantity": 1}]
        changed = {"updatedTime": at(day), "archived": is_archived}
        lines = {"recurringInvoiceLineItems": line}
        lineage.load({"recurring_invoices": [base | changed | lines]}, day)
    snapshot = lineage.publish()
    rows = ask(snapshot, "recurring_revenue_movements", "2026-06-30")
    moves = {
        row["month"]: {name: str(row[name]) for name in list(row)[3:8] if row[name]} for row in rows
    }
    assert moves == {
        "2026-01": {"new": "100.00"},
        "2026-02": {"expansion": "50.00"},
        "2026-03": {"contraction": "30.00"},
        "2026-04": {"churn": "120.00"},
        "2026-06": {"reactivation": "90.00"},
    }
    narrow = ask(snapshot, "recurring_revenue_by_customer", "2026-06-30", from_on=date(2026, 6, 1))
    assert [(row["customer_id"], row["end_amount"]) for row in narrow] == [("C1", Decimal("90.00"))]


def test_what_has_ended_is_archived_or_has_no_period_brings_nothing(lineage: Lineage) -> None:
    ended = schedule("S1", "C1", "100.00", "MONTHLY", 1, "2026-01-05")
    ended["schedule"] |= {"endDate": "2026-02-20"}
    shelved = schedule(
        "S2", "C1", "10.00", "MONTHLY", 1, "2026-01-05", archived=True, updatedTime=at("2026-03-03")
    )
    none = schedule("S3", "C1", "7.00", "NONE", 1, "2026-01-05")
    book = {"customers": [customer("C1")], "recurring_invoices": [ended, shelved, none]}
    lineage.load(book, "2026-04-01")
    rows = ask(lineage.publish(), "recurring_revenue_movements", "2026-04-30")
    assert {row["month"]: str(row["end_amount"]) for row in rows} == {
        "2026-01": "110.00",
        "2026-02": "10.00",
        "2026-03": "0.00",
    }


def test_currencies_stay_apart(lineage: Lineage) -> None:
    both = [
        schedule("S1", "C1", "100.00", "WEEKLY", 1, "2026-01-05"),
        schedule("S2", "C2", "1000", "WEEKLY", 1, "2026-01-05"),
    ]
    customers = [customer("C1"), customer("C2", "JPY")]
    lineage.load({"customers": customers, "recurring_invoices": both}, "2026-01-05")
    rows = ask(lineage.publish(), "recurring_revenue_movements", "2026-01-31")
    assert [(r["currency"], str(r["new"])) for r in rows] == [("JPY", "4333"), ("USD", "433.33")]


@settings(deadline=None)
@given(MONEY, MONEY, st.booleans())
def test_movements_lead_from_start_to_end(before: Decimal, after: Decimal, was_ever: bool) -> None:
    moves = movement(before, after, was_ever=was_ever)
    gained = moves["new"] + moves["expansion"] + moves["reactivation"]
    assert before + gained - moves["contraction"] - moves["churn"] == after
    assert all(amount >= 0 for amount in moves.values())
    assert sum(amount > 0 for amount in moves.values()) <= 1


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 900))
def test_months_end_one_after_the_other_up_to_the_day(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    ends = month_ends(first, last)
    assert ends[-1] == last
    assert all((end.replace(day=28).toordinal() + 4) > end.toordinal() for end in ends)
    assert len({(end.year, end.month) for end in ends}) == len(ends)
    assert len(ends) == (last.year - first.year) * 12 + last.month - first.month + 1
