"""What open invoices will bring in the weeks to come: drawn five hundred times from the past."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from etl.metrics.lateness import Lateness

__all__ = ["DRAWS", "Part", "Past", "Week", "project"]

DRAWS = 500
UNIT = 10_000  # amounts have four digits


@dataclass(frozen=True, slots=True)
class Part:
    """Money open on an invoice; `scheduled_on` and `rail` where a payment of it is under way."""

    currency: str
    customer_id: str
    due_on: date
    scheduled_on: date | None
    rail: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Past:
    """What is known on a day: how late invoices are paid, and (settled, failed) by rail."""

    lateness: Lateness
    outcomes: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Week:
    """A week's forecast: what 10, 50 and 90 of a hundred draws stay at or below, and what would
    come if all were paid on the due date.
    """

    p10: Decimal
    p50: Decimal
    p90: Decimal
    naive: Decimal


def project(parts: Iterable[Part], past: Past, on: date, weeks: int) -> dict[str, list[Week]]:
    """Weeks from the day after `on`, by currency; the same question has the same answer."""
    by_currency: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_currency[part.currency].append(part)
    return {
        currency: _weeks(of_currency, past, on, weeks, Random(f"{on}:{currency}"))  # noqa: S311
        for currency, of_currency in sorted(by_currency.items())
    }


def _weeks(parts: Sequence[Part], past: Past, on: date, weeks: int, chance: Random) -> list[Week]:
    totals = [[0] * DRAWS for _ in range(weeks)]
    naive = [Decimal(0)] * weeks
    for part in parts:
        due = max(week_of(part.due_on, on), 0)
        if due < weeks:
            naive[due] += part.amount
        _draw(part, chances_of(part, past, on, weeks), totals, chance)
    return [_week(sorted(total), due) for total, due in zip(totals, naive, strict=True)]


def _week(drawn: Sequence[int], naive: Decimal) -> Week:
    return Week(_mark(drawn, 10), _mark(drawn, 50), _mark(drawn, 90), naive)


def week_of(day: date, on: date) -> int:
    """Which week after `on` a day is in: 0 is the first, below it is the past."""
    return ((day - on).days - 1) // 7


def chances_of(part: Part, past: Past, on: date, weeks: int) -> list[int]:
    """Running weights of payment by the end of each week; the last is the whole weight."""
    if part.scheduled_on is None:
        return past.lateness.by_week(part.customer_id, (on - part.due_on).days, weeks)
    settled, failed = past.outcomes.get(part.rail or "", (0, 0))
    # A rail without a past is taken at its word.
    whole, works = (settled, settled - failed) if settled else (1, 1)
    arrives = max(week_of(part.scheduled_on, on), 0)
    return [works if week >= arrives else 0 for week in range(weeks)] + [whole]


def _draw(part: Part, running: Sequence[int], totals: list[list[int]], chance: Random) -> None:
    weeks = len(totals)
    if not any(running[:weeks]):
        return
    amount = int(part.amount * UNIT)
    drawn = chance.choices(range(weeks + 1), cum_weights=running, k=DRAWS)
    for draw, week in enumerate(drawn):
        if week < weeks:
            totals[week][draw] += amount


def _mark(ordered: Sequence[int], percent: int) -> Decimal:
    return Decimal(ordered[len(ordered) * percent // 100 - 1]) / UNIT
