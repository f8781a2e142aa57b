"""The cash forecast: the chance's formula, whole numbers, the same answer twice, and its test."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.metrics.bands import Band, PastWeek, band
from etl.metrics.cash import accuracy
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.lateness import SHARE, Habits, payoffs_of
from etl.metrics.outlook import Trial
from etl.metrics.projection import (
    UNIT,
    OpenItems,
    Scheduled,
    day_number,
    expected,
    naive,
    week_of,
)
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, invoice, payment

ON = date(2026, 6, 1)
TODAY = day_number(ON)
LATE = st.integers(-40, 120)
PAID = st.lists(st.tuples(st.sampled_from([1, 2, 3]), LATE), max_size=40)
OWED = st.lists(st.tuples(st.integers(0, 10**14), st.integers(-60, 60)), max_size=8)


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(snapshot: Snapshot, metric: str, on: date = ON, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, snapshot, Question(as_of=on, **more)).records()


def numbers(values: Any) -> Any:
    return np.array(list(values), dtype=np.int64)


def habits_of(paid: list[tuple[int, int]]) -> Habits:
    """Of invoices paid by customers so many days late, all known today."""
    customers, late = [of for of, _ in paid], [days for _, days in paid]
    known, never = [TODAY] * len(paid), [10**6] * len(paid)
    return payoffs_of(*map(numbers, (customers, late, known, never))).known_on(TODAY)


def open_items(owed: list[tuple[int, int]], of: int = 1) -> OpenItems:
    """Amounts due so many days from today."""
    amounts, days = [amount for amount, _ in owed], [TODAY + late for _, late in owed]
    count = len(owed)
    return OpenItems(
        *map(numbers, (range(count), [of] * count, days, [0] * count, [10**6] * count, amounts))
    )


def shrunk(paid: list[tuple[int, int]], of: int, days: int) -> Fraction:
    own = [late for name, late in paid if name == of]
    every = [late for _, late in paid]
    share = Fraction(sum(late <= days for late in every), len(every))
    return (sum(late <= days for late in own) + 10 * share) / (len(own) + 10)


def shares(paid: list[tuple[int, int]], late_now: int, weeks: int) -> list[int]:
    found = habits_of(paid).paid_by(numbers([1]), numbers([late_now]), weeks)
    return [int(share) for share in found[0]]


@settings(deadline=None)
@given(PAID.filter(bool), LATE, st.integers(1, 8))
def test_chances_are_those_of_the_formula(
    paid: list[tuple[int, int]], late_now: int, weeks: int
) -> None:
    now = shrunk(paid, 1, late_now)
    for week, share in enumerate(shares(paid, late_now, weeks), 1):
        then = shrunk(paid, 1, late_now + 7 * week)
        chance = (then - now) / (1 - now) if now < 1 else Fraction(0)
        assert share == int(chance * SHARE)


@settings(deadline=None)
@given(PAID, LATE)
def test_chances_never_fall_and_never_pass_the_whole(
    paid: list[tuple[int, int]], late: int
) -> None:
    running = shares(paid, late, 8)
    assert running == sorted(running)
    assert 0 <= running[0] <= running[-1] <= SHARE


def test_a_scheduled_payment_comes_on_its_date_unless_its_method_fails() -> None:
    coming = Scheduled(item=0, on=TODAY + 9, amount=100 * UNIT, outcomes=(20, 1))
    found = expected(open_items([(100 * UNIT, 0)]), [coming], habits_of([]), TODAY, 3)
    assert found == [0, 95 * UNIT, 0]
    trusted = Scheduled(item=0, on=TODAY + 9, amount=100 * UNIT, outcomes=(0, 0))
    assert (
        expected(open_items([(100 * UNIT, 0)]), [trusted], habits_of([]), TODAY, 3)[1] == 100 * UNIT
    )


def test_weeks_begin_the_day_after() -> None:
    days = {n: week_of(TODAY + n, TODAY) for n in (-7, 0, 1, 7, 8)}
    assert days == {-7: -2, 0: -1, 1: 0, 7: 0, 8: 1}


@settings(deadline=None)
@given(PAID, OWED)
def test_no_more_is_expected_than_is_owed(
    paid: list[tuple[int, int]], owed: list[tuple[int, int]]
) -> None:
    items = open_items(owed)
    weeks = expected(items, [], habits_of(paid), TODAY, 8)
    assert min(weeks, default=0) >= -8  # shares are cut to millionths, week by week
    assert sum(weeks) <= sum(amount for amount, _ in owed)
    assert sum(naive(items, TODAY, 20)) == sum(amount for amount, _ in owed)


WEEKS = st.lists(
    st.builds(PastWeek, st.decimals(1, 10**6, places=2), st.decimals(-(10**5), 10**6, places=2)),
    max_size=40,
)


@settings(deadline=None)
@given(WEEKS, st.decimals(0, 10**6, places=2))
def test_bands_hold_their_middle_and_need_eight_weeks(weeks: list[PastWeek], now: Decimal) -> None:
    found = band(now, weeks)
    if len(weeks) < 8:
        assert found == Band(None, now, None)
        assert found.holds(now) is None
    else:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.middle <= found.high


def test_bands_are_the_ranks_of_what_came_to_what_was_expected() -> None:
    weeks = [PastWeek(Decimal(100), Decimal(100 + 10 * n)) for n in range(-5, 5)]
    assert band(Decimal(200), weeks) == Band(Decimal(100), Decimal(190), Decimal(260))
    useless = PastWeek(Decimal(0), Decimal(999))
    assert band(Decimal(200), [*weeks, useless]) == band(Decimal(200), weeks)


def test_the_error_is_a_share_of_what_came() -> None:
    def test(actual: int, middle: int, due: int, low: int | None = 80) -> Trial:
        marks = Band(low and Decimal(low), Decimal(middle), Decimal(120))
        return Trial("USD", ON, Decimal(actual), marks, Decimal(due))

    weeks, wape, due_wape, inside, reason = accuracy([test(100, 90, 150), test(200, 230, 200)])
    assert (weeks, wape, due_wape) == (2, Decimal("0.133333"), Decimal("0.166667"))
    assert (inside, reason) == (Decimal("0.500000"), None)
    assert accuracy([test(100, 90, 150), test(200, 230, 200, low=None)])[3] == 1
    assert accuracy([test(200, 230, 200, low=None)])[3] is None
    assert accuracy([test(0, 90, 0)])[1:3] == (None, None)
    assert accuracy([test(0, 90, 0)])[4] == "nothing came in these weeks"


def steady(customers: int = 3, weeks: int = 50) -> dict[str, Any]:
    """Customers who pay every weekly invoice of 100.00 exactly ten days late."""
    book: dict[str, Any] = {"customers": [], "invoices": [], "receivable_payments": []}
    for of in (f"C{n}" for n in range(customers)):
        book["customers"].append(customer(of))
        for week in range(weeks):
            issued = ON - timedelta(days=7 * (weeks - week))
            due, paid = issued + timedelta(days=7), issued + timedelta(days=17)
            name = f"I{of}-{week:02}"
            bill = invoice(name, of, "100.00", issued.isoformat(), due.isoformat())
            if paid <= ON:
                bill |= {"dueAmount": Decimal("0.00"), "updatedTime": at(paid.isoformat())}
                to, more = {name: "100.00"}, {"receivablesType": "CHECK", "onlinePayment": False}
                made = payment(f"P{name}", of, "100.00", paid.isoformat(), to, **more)
                book["receivable_payments"].append(made)
            book["invoices"].append(bill)
    return book


def test_a_habit_without_exception_is_forecast_to_the_cent(lineage: Lineage) -> None:
    lineage.load(steady(), ON.isoformat())
    snapshot = lineage.publish()
    weeks = ask(snapshot, "cash_forecast")
    assert len(weeks) == 8
    assert (weeks[0]["week_from_on"], weeks[0]["week_to_on"]) == (
        ON + timedelta(days=1),
        ON + timedelta(days=7),
    )
    assert [str(row["p50"]) for row in weeks[:3]] == ["300.00", "300.00", "0.00"]
    assert [str(row["naive"]) for row in weeks[:3]] == ["600.00", "0.00", "0.00"]
    (row,) = ask(snapshot, "cash_forecast_accuracy")
    assert (row["weeks"], row["wape"], row["inside_share"]) == (8, 0, 1)
    # Of every three weeks of invoices open, one is paid within the week.
    assert row["naive_wape"] == Decimal("2.000000")
    tests = ask(snapshot, "cash_forecast_backtest")
    assert {(str(row["actual"]), row["inside"]) for row in tests} == {("300.00", "yes")}


def test_the_forecast_ahead_of_a_day_does_not_know_what_came_after(lineage: Lineage) -> None:
    book = steady()
    early = ON - timedelta(days=30)
    lineage.load(book, ON.isoformat())
    before = ask(lineage.publish(), "cash_forecast", early)
    shelved = [r for r in book["receivable_payments"] if r["paymentDate"] > early.isoformat()]
    changed = [r | {"status": "VOID", "updatedTime": at("2026-06-05")} for r in shelved]
    lineage.load({"receivable_payments": changed}, "2026-06-05")
    assert ask(lineage.publish(), "cash_forecast", early) == before


def test_an_empty_book_forecasts_nothing(lineage: Lineage) -> None:
    lineage.load({"customers": [customer("C1")]}, ON.isoformat())
    snapshot = lineage.publish()
    for metric in ("cash_forecast", "cash_forecast_backtest", "cash_forecast_accuracy"):
        assert ask(snapshot, metric) == []


def test_a_book_without_a_past_expects_only_what_is_scheduled(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-05-20", "2026-06-10")
    made = {"createdTime": at("2026-05-30"), "updatedTime": at("2026-05-30")}
    coming = payment("P1", "C1", "40.00", "2026-06-04", {"I1": "40.00"}, status="SCHEDULED", **made)
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [coming]}
    lineage.load(book, ON.isoformat())
    first, second, *_ = ask(lineage.publish(), "cash_forecast")
    assert (first["p50"], first["naive"]) == (Decimal("40.00"), Decimal("0.00"))
    assert (second["p50"], second["naive"]) == (Decimal("0.00"), Decimal("100.00"))
    assert (first["p10"], first["p90"]) == (None, None)
    assert first["reason"] == "fewer than eight weeks to learn from"
