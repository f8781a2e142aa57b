"""What is charged for paying late, by a rule of one currency: flat, per cent, or per cent a day.

Pure: an invoice with the days it was open goes in; charges come out, each with a stage that is
charged once an invoice. Only whole days after the grace count, as they stood at their ends.

A charge is rounded once, half up to its currency's digits (etl.money), after the minimum; what a
cap leaves is cut to these digits, so that no cap is passed. Tax, where a rule adds it, is rounded
the same way and stands outside the caps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from etl.errors import UsageError
from etl.money import digits_of, exponent_of, rounded

__all__ = ["KINDS", "Charge", "Kind", "Late", "LateFeeRule", "Stretch", "charges", "totals"]

Kind = Literal["flat", "percent", "daily"]
KINDS: tuple[Kind, ...] = ("flat", "percent", "daily")
ONCE = "once"
DAY = timedelta(days=1)
MOST_GRACE = 3650
MOST = Decimal(10) ** 12
PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LateFeeRule:
    """What paying late costs in a currency.

    `rate`: an amount once (flat), per cent of what is open on the first day after the grace, once
    (percent), or per cent of what is open at the end of each day after the grace, billed by month
    (daily, simple). An invoice's charges come to `cap` at most, and to `cap_percent` of its total.
    Customers of `exempt` are not charged.
    """

    currency: str
    kind: Kind
    rate: Decimal
    grace_days: int = 0
    minimum: Decimal = Decimal(0)
    cap: Decimal | None = None
    cap_percent: Decimal | None = None
    tax_percent: Decimal | None = None
    exempt: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """UsageError for a rule that makes no sense."""
        amounts = [self.minimum, *filter(None, (self.cap,))]
        percents = [one for one in (self.cap_percent, self.tax_percent) if one is not None]
        (amounts if self.kind == "flat" else percents).append(self.rate)
        if self.rate == 0 or any(not _is_within(one, MOST) for one in amounts):
            raise UsageError("A late fee's rate is more than 0, and no amount of it is negative.")
        if any(not _is_within(one, Decimal(100)) for one in percents):
            raise UsageError("Per cents of a late fee are from 0 to 100.")
        if any(digits_of(one) > exponent_of(self.currency) for one in amounts):
            raise UsageError(
                f"{self.currency} has {exponent_of(self.currency)} digits after the point."
            )
        if not 0 <= self.grace_days <= MOST_GRACE:
            raise UsageError(f"Days of grace are from 0 to {MOST_GRACE}.")
        if self.cap is not None and self.minimum > self.cap:
            raise UsageError("The least late fee is more than its cap.")

    @property
    def words(self) -> str:
        """What it takes, for a line of an invoice."""
        if self.kind == "flat":
            return f"{self.rate:f} {self.currency}"
        return f"{self.rate:f} % a day" if self.kind == "daily" else f"{self.rate:f} %"


def _is_within(number: Decimal, most: Decimal) -> bool:
    return number.is_finite() and 0 <= number <= most


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was open at the ends of the days from one to the day before another."""

    from_on: date
    to_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Late:
    """An invoice, and what was open of it when, oldest first."""

    invoice_id: str
    number: str
    customer_id: str
    customer: str
    currency: str
    due_on: date
    total: Decimal
    is_archived: bool
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Charge:
    """One late fee: its stage, the day it is charged, how many days it is for, on what at most."""

    late: Late
    stage: str
    charged_on: date
    days: int
    base: Decimal
    amount: Decimal
    tax: Decimal


def charges(
    rule: LateFeeRule, late: Late, today: date, known: Mapping[str, Decimal] | None = None
) -> list[Charge]:
    """An invoice's charges up to a day, oldest first, without the stages that are `known`.

    `known` are stages with what was charged for them, which counts towards the caps. None where the
    invoice is of another currency than the rule, or its customer exempt.
    """
    if late.currency != rule.currency or late.customer_id in rule.exempt:
        return []
    known = known or {}
    left = _most(rule, late) - sum(known.values(), Decimal(0))
    found = []
    for stage in _stages(rule, late, today):
        if stage.stage in known:
            continue
        amount = min(rounded(max(stage.raw, rule.minimum), rule.currency), left)
        if amount > 0:
            found.append(_charge(rule, late, stage, amount))
            left -= amount
    return found


@dataclass(frozen=True, slots=True)
class _Stage:
    stage: str
    charged_on: date
    days: int
    base: Decimal
    raw: Decimal


def _charge(rule: LateFeeRule, late: Late, stage: _Stage, amount: Decimal) -> Charge:
    tax = rounded(amount * (rule.tax_percent or Decimal(0)) * PERCENT, rule.currency)
    return Charge(late, stage.stage, stage.charged_on, stage.days, stage.base, amount, tax)


def _most(rule: LateFeeRule, late: Late) -> Decimal:
    """What all charges of an invoice come to at most, cut to its currency's digits."""
    caps = [MOST if rule.cap is None else rule.cap]
    if rule.cap_percent is not None:
        caps.append(late.total * rule.cap_percent * PERCENT)
    unit = Decimal(1).scaleb(-exponent_of(rule.currency))
    return max(Decimal(0), min(caps)).quantize(unit, ROUND_DOWN)


def _stages(rule: LateFeeRule, late: Late, today: date) -> Iterator[_Stage]:
    first = late.due_on + timedelta(days=rule.grace_days + 1)
    stretches = [one for one in late.stretches if one.amount > 0 and one.to_on > first]
    if rule.kind == "daily":
        yield from _months(rule, stretches, first, today)
        return
    for one in stretches[:1]:
        day = max(one.from_on, first)
        if day < today:
            raw = rule.rate if rule.kind == "flat" else one.amount * rule.rate * PERCENT
            yield _Stage(ONCE, day + DAY, (day - late.due_on).days, one.amount, raw)


def _months(
    rule: LateFeeRule, stretches: Sequence[Stretch], first: date, today: date
) -> Iterator[_Stage]:
    """Each month that is over, with its days after the grace."""
    from_on = first
    while (to_on := _next_month(from_on)) <= today:
        parts = [(one.amount, _days_of(one, from_on, to_on)) for one in stretches]
        days = sum(days for _, days in parts)
        if days:
            base = max(amount for amount, days in parts if days)
            raw = sum((amount * days for amount, days in parts), Decimal(0)) * rule.rate * PERCENT
            yield _Stage(f"{from_on:%Y-%m}", to_on, days, base, raw)
        elif not any(one.to_on > to_on for one in stretches):
            return
        from_on = to_on


def _days_of(one: Stretch, from_on: date, to_on: date) -> int:
    return max(0, (min(one.to_on, to_on) - max(one.from_on, from_on)).days)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def totals(found: Iterable[Charge]) -> dict[str, Decimal]:
    """What charges come to with their tax, by currency."""
    sums: dict[str, Decimal] = {}
    for one in found:
        sums[one.late.currency] = sums.get(one.late.currency, Decimal(0)) + one.amount + one.tax
    return dict(sorted(sums.items()))
