"""Periods and amounts of billing schedules: month ends, leap days, parts, and nothing lost."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.billing.billing_periods import PERIODS, Cadence, Period
from etl.billing.billing_terms import Term, Terms, checked, terms_line
from etl.errors import UsageError

DAYS = st.dates(date(2001, 1, 1), date(2120, 12, 31))
A_DAY = timedelta(days=1)


def firsts(kind: str, anchor: str, count: int) -> list[str]:
    day = date.fromisoformat(anchor)
    return [str(one.first) for one in islice(Cadence(kind, day, day).periods(), count)]


@pytest.mark.parametrize(
    ("kind", "anchor", "begins"),
    [
        ("monthly", "2027-12-31", ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        ("monthly", "2027-01-30", ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]),
        ("monthly", "2027-01-29", ["2027-01-29", "2027-02-28", "2027-03-29", "2027-04-29"]),
        ("quarterly", "2026-11-30", ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"]),
        ("yearly", "2024-02-29", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        ("weekly", "2026-10-26", ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]),
    ],
)
def test_an_anchor_late_in_the_month_copes_with_short_ones(
    kind: str, anchor: str, begins: list[str]
) -> None:
    assert firsts(kind, anchor, 4) == begins


def test_a_yearly_anchor_on_a_leap_day_comes_back_to_it() -> None:
    assert firsts("yearly", "2024-02-29", 5)[-1] == "2028-02-29"


def test_a_start_and_an_end_within_periods_cut_them() -> None:
    cadence = Cadence("monthly", date(2026, 1, 1), date(2026, 11, 21), date(2027, 1, 10))
    found = [(one.first.isoformat(), one.days, one.of_days) for one in cadence.periods()]
    assert found == [("2026-11-21", 10, 30), ("2026-12-01", 31, 31), ("2027-01-01", 10, 31)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PERIODS), DAYS, DAYS, st.integers(0, 900), DAYS)
def test_every_day_is_in_one_period_wherever_one_begins_to_look(
    kind: str, anchor: date, start: date, lasts: int, since: date
) -> None:
    cadence = Cadence(kind, anchor, start, start + timedelta(days=lasts))
    periods = list(cadence.periods())
    assert periods[0].first == start
    assert periods[-1].last == cadence.end
    assert all(one.last + A_DAY == after.first for one, after in pairwise(periods))
    assert all(one.of_last + A_DAY == after.of_first for one, after in pairwise(periods))
    assert all(one.of_first <= one.first <= one.last <= one.of_last for one in periods)
    assert len({one.of_first for one in periods}) == len(periods)
    later = list(cadence.periods(since))
    assert later == [one for one in periods if one.last >= since]


def terms(price: str, quantity: str = "1", currency: str = "USD", **more: object) -> Terms:
    day = date(2026, 1, 1)
    line = Term("Desk", Decimal(quantity), Decimal(price))
    known = {"cadence": Cadence("monthly", day, day), "customer_id": "0cu1", "currency": currency}
    return Terms(lines=(line,), **known, **more)  # type: ignore[arg-type]


def part(first: int, last: int) -> Period:
    november = (date(2026, 11, 1), date(2026, 11, 30))
    return Period(date(2026, 11, first), date(2026, 11, last), *november)


@pytest.mark.parametrize(
    ("wanted", "amount"),
    [
        (terms("100.00"), "33.33"),
        (terms("100.00", is_prorated=False), "100.00"),
        (terms("0.333", "3", "KWD"), "0.333"),
        (terms("1000", currency="JPY"), "333"),
        (terms("12.345", "2"), "8.23"),
    ],
)
def test_a_third_of_a_month_costs_a_third(wanted: Terms, amount: str) -> None:
    assert wanted.amount(part(21, 30)) == Decimal(amount)


@given(st.decimals("0.01", 10**7, places=2), st.integers(1, 29))
def test_two_parts_come_to_the_whole_but_for_a_cent(price: Decimal, day: int) -> None:
    wanted = terms(str(price))
    both = wanted.amount(part(1, day)) + wanted.amount(part(day + 1, 30))
    assert abs(both - wanted.amount(part(1, 30))) <= Decimal("0.01")


def test_an_invoice_says_its_days_and_is_dated_by_its_terms() -> None:
    wanted = terms("100.00", "2", billed="arrears", due_days=14, item="0ii1")
    given = wanted.invoice(part(21, 30))
    assert (given["invoiceDate"], given["dueDate"]) == ("2026-12-01", "2026-12-15")
    assert given["invoiceLineItems"] == [
        {
            "quantity": "1",
            "price": "66.67",
            "description": "Desk, 2026-11-21 to 2026-11-30 (10 of 30 days)",
            "classifications": {"itemId": "0ii1"},
        }
    ]


@pytest.mark.parametrize(
    "text", ["Desk", "=5", "Desk=", "Desk=0", "Desk=-1", "Desk=NaN", "a=1.234"]
)
def test_a_line_that_makes_no_sense_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        terms_line(text, "USD")


def test_a_line_is_read_as_it_is_typed() -> None:
    assert terms_line("Desk=A=2.5x10.00", "USD") == Term("Desk=A", Decimal("2.5"), Decimal("10.00"))


def test_terms_that_make_no_sense_are_told() -> None:
    with pytest.raises(UsageError, match="before it starts"):
        Cadence.of("monthly", date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 31))
    with pytest.raises(UsageError, match="more than a year ago"):
        checked(terms("1"), date(2027, 6, 1))
