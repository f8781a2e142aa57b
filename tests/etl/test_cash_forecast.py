"""The cash forecast: the chance's formula, whole numbers, the same answer twice, and its test."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.metrics.cash import PastWeek, accuracy
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.lateness import lateness_of
from etl.metrics.projection import Part, Past, Week, chances_of, project, week_of
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, invoice, payment

ON = date(2026, 6, 1)
LATE = st.integers(-40, 120)
PAID = st.lists(st.tuples(st.sampled_from(["C1", "C2", "C3"]), LATE), max_size=40)


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(snapshot: Snapshot, metric: str, on: date = ON, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, snapshot, Question(as_of=on, **more)).records()


def part(amount: str = "100.00", due_on: date = ON, of: str = "C1", **more: Any) -> Part:
    scheduled_on, rail = more.get("scheduled_on"), more.get("rail")
    return Part("USD", of, due_on, scheduled_on, rail, Decimal(amount))


def shrunk(paid: list[tuple[str, int]], of: str, days: int) -> Fraction:
    own = [late for name, late in paid if name == of]
    every = [late for _, late in paid]
    share = Fraction(sum(late <= days for late in every), len(every))
    return (sum(late <= days for late in own) + 10 * share) / (len(own) + 10)


@given(PAID.filter(bool), LATE, st.integers(1, 8))
def test_chances_are_those_of_the_formula(
    paid: list[tuple[str, int]], late_now: int, weeks: int
) -> None:
    *running, whole = lateness_of(paid).by_week("C1", late_now, weeks)
    now = shrunk(paid, "C1", late_now)
    assert (whole == 0) == (now == 1)
    for week, weight in enumerate(running, 1):
        then = shrunk(paid, "C1", late_now + 7 * week)
        if whole:
            assert Fraction(weight, whole) == (then - now) / (1 - now)


@given(PAID, LATE)
def test_chances_never_fall_and_never_pass_the_whole(
    paid: list[tuple[str, int]], late: int
) -> None:
    running = lateness_of(paid).by_week("C1", late, 8)
    assert running == sorted(running)
    assert running[0] >= 0


def test_a_scheduled_payment_comes_on_its_date_unless_its_method_fails() -> None:
    past = Past(lateness_of([]), {"ach": (20, 1)})
    one = part(scheduled_on=ON + timedelta(days=9), rail="ach")
    assert chances_of(one, past, ON, 3) == [0, 19, 19, 20]
    (first, second, third) = project([one], past, ON, 3)["USD"]
    assert (first.p90, second.p50, third.p90) == (0, Decimal(100), 0)


def test_weeks_begin_the_day_after() -> None:
    days = {n: week_of(ON + timedelta(days=n), ON) for n in (-7, 0, 1, 7, 8)}
    assert days == {-7: -2, 0: -1, 1: 0, 7: 0, 8: 1}


@given(
    PAID,
    st.lists(st.tuples(st.decimals(0, 10**6, places=2), st.integers(-60, 60)), max_size=8),
)
def test_marks_are_ordered_whole_and_the_same_every_time(
    paid: list[tuple[str, int]], owed: list[tuple[Decimal, int]]
) -> None:
    past = Past(lateness_of(paid), {})
    parts = [part(str(amount), ON + timedelta(days=days)) for amount, days in owed]
    weeks = project(parts, past, ON, 4)
    assert weeks == project(parts, past, ON, 4)
    total = sum((amount for amount, _ in owed), Decimal(0))
    for week in weeks.get("USD", []):
        assert 0 <= week.p10 <= week.p50 <= week.p90 <= total
        assert week.p90 == week.p90.quantize(Decimal("0.01"))


def test_the_error_is_a_share_of_what_came() -> None:
    def test(actual: int, p50: int, naive: int) -> PastWeek:
        week = Week(Decimal(80), Decimal(p50), Decimal(120), Decimal(naive))
        return PastWeek("USD", ON, Decimal(actual), week)

    weeks, wape, naive, inside, reason = accuracy([test(100, 90, 150), test(200, 230, 200)])
    assert (weeks, wape, naive) == (2, Decimal("0.133333"), Decimal("0.166667"))
    assert (inside, reason) == (Decimal("0.500000"), None)
    assert accuracy([test(0, 90, 0)])[1:3] == (None, None)
    assert accuracy([test(0, 90, 0)])[4] == "nothing came in these weeks"


def steady(customers: int = 3, weeks: int = 20) -> dict[str, Any]:
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
    assert (second["p90"], second["naive"]) == (Decimal("0.00"), Decimal("100.00"))
