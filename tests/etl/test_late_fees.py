"""The rule of late fees: what it takes, when, and what it never does."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.billing.late_fees import Kind, Late, LateFeeRule, Stretch, charges, totals
from etl.errors import UsageError
from etl.money import digits_of, exponent_of

DUE = date(2026, 3, 10)
FOREVER = date(9999, 12, 31)


def rule(kind: Kind, rate: str, **more: Any) -> LateFeeRule:
    return LateFeeRule(**({"currency": "USD", "kind": kind, "rate": Decimal(rate)} | more))


def late(total: str, *stretches: tuple[date, date, str], currency: str = "USD") -> Late:
    found = stretches or ((date(2026, 2, 10), FOREVER, total),)
    parts = tuple(Stretch(since, until, Decimal(amount)) for since, until, amount in found)
    return Late("I1", "1", "C1", "Acme", currency, DUE, Decimal(total), False, parts)


def told(
    one: LateFeeRule, invoice: Late, today: str, known: dict[str, Decimal] | None = None
) -> list[tuple[str, str, str]]:
    found = charges(one, invoice, date.fromisoformat(today), known)
    return [(charge.stage, str(charge.charged_on), str(charge.amount)) for charge in found]


def test_a_flat_fee_comes_once_a_whole_day_after_the_grace() -> None:
    flat = rule("flat", "25", grace_days=5)
    assert told(flat, late("100"), "2026-03-16") == []  # day 6 is not over
    assert told(flat, late("100"), "2026-03-17") == [("once", "2026-03-17", "25.00")]
    assert told(flat, late("100"), "2027-03-17") == [("once", "2026-03-17", "25.00")]
    assert told(flat, late("100"), "2027-03-17", {"once": Decimal(25)}) == []


def test_a_per_cent_is_of_what_was_open_then_and_rounded_half_up() -> None:
    paid = (DUE - timedelta(days=9), date(2026, 3, 11), "500"), (date(2026, 3, 11), FOREVER, "101")
    assert told(rule("percent", "1.5"), late("500", *paid), "2026-04-01") == [
        ("once", "2026-03-12", "1.52")  # 1.515
    ]


def test_paid_within_grace_or_on_the_day_itself_costs_nothing_and_open_again_does() -> None:
    paid = (date(2026, 2, 10), date(2026, 3, 16), "100")
    again = (date(2026, 5, 2), FOREVER, "100")
    flat = rule("flat", "25", grace_days=5)
    assert told(flat, late("100", paid), "2026-12-01") == []
    assert told(flat, late("100", paid, again), "2026-12-01") == [("once", "2026-05-03", "25.00")]


def test_a_daily_fee_is_billed_by_month_over_the_days_and_amounts_that_were_open() -> None:
    parts = (DUE, date(2026, 4, 11), "1000"), (date(2026, 4, 11), date(2026, 5, 3), "400")
    daily = rule("daily", "0.1", grace_days=9)  # from 20 March on
    march, april = ("2026-03", "2026-04-01", "12.00"), ("2026-04", "2026-05-01", "18.00")
    assert told(daily, late("1000", *parts), "2026-04-30") == [march]
    may = ("2026-05", "2026-06-01", "0.80")
    assert told(daily, late("1000", *parts), "2026-12-01") == [march, april, may]
    assert told(daily, late("1000", *parts), "2026-12-01", {"2026-04": Decimal(18)}) == [march, may]


def test_minimum_caps_and_tax() -> None:
    least = rule("percent", "1", minimum=Decimal(15), tax_percent=Decimal("8.25"))
    [charge] = charges(least, late("100"), date(2026, 4, 1))
    assert (charge.amount, charge.tax) == (Decimal("15.00"), Decimal("1.24"))
    assert totals([charge]) == {"USD": Decimal("16.24")}
    capped = rule("daily", "1", cap=Decimal(30), cap_percent=Decimal("33.33"))
    assert told(capped, late("100.01"), "2026-07-01") == [
        ("2026-03", "2026-04-01", "21.00"),
        ("2026-04", "2026-05-01", "9.00"),
    ]
    by_share = rule("flat", "50", cap_percent=Decimal(10))
    assert told(by_share, late("99.99"), "2026-07-01") == [("once", "2026-03-12", "9.99")]


def test_yen_have_no_digits_and_dinars_three() -> None:
    for currency, amount in (("JPY", "2"), ("KWD", "1.500"), ("USD", "1.50")):
        one = rule("percent", "1.5", currency=currency)
        found = charges(one, late("100", currency=currency), date(2026, 4, 1))
        assert [str(charge.amount) for charge in found] == [amount]


def test_the_exempt_and_other_currencies_are_left_alone() -> None:
    assert told(rule("flat", "25", exempt=frozenset({"C1"})), late("100"), "2026-12-01") == []
    assert told(rule("flat", "25"), late("100", currency="CAD"), "2026-12-01") == []


@pytest.mark.parametrize(
    ("kind", "rate", "more", "said"),
    [
        ("flat", "0", {}, "more than 0"),
        ("flat", "-1", {}, "more than 0"),
        ("flat", "NaN", {}, "no amount of it is negative"),
        ("percent", "101", {}, "from 0 to 100"),
        ("flat", "1.005", {}, "USD has 2 digits"),
        ("flat", "1", {"grace_days": -1}, "Days of grace"),
        ("flat", "1", {"minimum": Decimal(5), "cap": Decimal(4)}, "more than its cap"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    kind: Kind, rate: str, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        rule(kind, rate, **more)


AMOUNTS = st.decimals("0.01", "99999", places=2)
PERCENTS = st.one_of(st.none(), st.decimals("0.1", "100", places=1))
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


@st.composite
def rules(draw: st.DrawFn) -> LateFeeRule:
    kind, currency = draw(st.sampled_from(["flat", "percent", "daily"])), draw(CURRENCIES)
    whole = st.integers(1, 500).map(Decimal)
    least = draw(whole)
    return LateFeeRule(
        currency,
        kind,
        draw(whole if kind == "flat" else st.decimals("0.001", "30", places=3)),
        draw(st.integers(0, 60)),
        draw(st.sampled_from([Decimal(0), least])),
        draw(st.one_of(st.none(), whole.map(lambda cap: cap + least))),
        draw(PERCENTS),
        draw(PERCENTS),
    )


@st.composite
def invoices(draw: st.DrawFn) -> Late:
    days = sorted(draw(st.sets(st.integers(-30, 400), min_size=2, max_size=6)))
    ends = [DUE + timedelta(days=n) for n in days[:-1]] + [FOREVER]
    parts = tuple(
        Stretch(since, until, draw(st.one_of(AMOUNTS, st.just(Decimal(0)))))
        for since, until in pairwise(ends)
    )
    currency = draw(CURRENCIES)
    return Late("I", "1", "C", "Acme", currency, DUE, draw(AMOUNTS), False, parts)


@given(rules(), invoices(), st.lists(st.integers(-40, 600), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_more_days_never_cost_less_nor_more_than_the_cap_and_grace_costs_nothing(
    one: LateFeeRule, invoice: Late, days: list[int]
) -> None:
    sums = []
    for day in sorted(days):
        found = charges(one, invoice, DUE + timedelta(days=day))
        assert len({charge.stage for charge in found}) == len(found)
        assert not found or day > one.grace_days + 1
        assert set(totals(found)) <= {one.currency} & {invoice.currency}
        assert all(digits_of(charge.amount) <= exponent_of(one.currency) for charge in found)
        sums.append(sum(charge.amount for charge in found))
    assert sums == sorted(sums)
    if one.cap is not None:
        assert sums[-1] <= one.cap
    if one.cap_percent is not None:
        assert sums[-1] <= invoice.total * one.cap_percent / 100


@given(rules(), invoices(), st.lists(st.integers(0, 600), max_size=6))
@settings(max_examples=40, deadline=None)
def test_charged_as_the_days_go_by_or_at_once_comes_to_the_same(
    one: LateFeeRule, invoice: Late, days: list[int]
) -> None:
    known: dict[str, Decimal] = {}
    for day in sorted([*days, 600]):
        for charge in charges(one, invoice, DUE + timedelta(days=day), known):
            known[charge.stage] = charge.amount
    at_once = charges(one, invoice, DUE + timedelta(days=600))
    assert known == {charge.stage: charge.amount for charge in at_once}
