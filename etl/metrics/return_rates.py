"""Return rates of bank debits beside the levels Nacha watches, an early warning.

BILL, not the tenant, is the originator that Nacha measures. Rules: https://www.nacha.org/rules
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from etl.billing.failure_codes import Match, match_told
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.shares import share_of, wilson
from etl.warehouse.snapshot import Snapshot

__all__ = ["METERS", "RETURN_RATES", "Meter", "first_day", "return_rates", "standing"]

FEW = 200  # below, one return is half a percent and more
DAYS = 60


@dataclass(frozen=True, slots=True)
class Meter:
    """A watched rate: the buckets of codes it counts, None for every return."""

    name: str
    buckets: frozenset[str] | None
    limit: Decimal

    def counts(self, match: Match) -> bool:
        """Whether a return counts. One whose code nobody knows counts only in the overall rate."""
        if self.buckets is None:
            return match.code.bucket != "rck"  # checks presented again are not among these debits
        return match.code.is_of_a_bank and match.code.bucket in self.buckets


METERS = (
    Meter("unauthorized", frozenset({"unauthorized"}), Decimal("0.005")),
    Meter("administrative", frozenset({"administrative"}), Decimal("0.03")),
    Meter("overall", None, Decimal("0.15")),
)

RETURN_RATES = Metric(
    name="return_rates",
    title="Return rates of bank debits",
    unit="ratio",
    grain="currency, meter",
    owner="collections",
    definition=(
        "Returned bank debits of those dated in the last 60 days, beside the levels Nacha watches "
        "BILL by. Below 200 debits a rate jumps: counts and an interval say more."
    ),
    page="Failed payments",
    columns=(
        Column("currency", "text", "Currency"),
        Column("meter", "text", "Rate"),
        Column("debits", "count", "Debits"),
        Column("returned", "count", "Returned"),
        Column("without_code", "count", "Returned without a code"),
        Column("pending", "count", "Still pending"),
        Column("rate", "ratio", "Return rate"),
        Column("low", "ratio", "At least (95 %)"),
        Column("high", "ratio", "At most (95 %)"),
        Column("limit", "ratio", "Level"),
        Column("standing", "text", "Standing"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency"),
)


def first_day(question: Question) -> date:
    """The first day whose debits count: that asked for, or that of the last 60."""
    return question.from_on or question.as_of - timedelta(days=DAYS - 1)


def return_rates(snapshot: Snapshot, question: Question) -> Figures:
    """Return rates beside Nacha's levels: see RETURN_RATES."""
    debits: dict[str, Counter[str]] = {}
    asked = question.parameters(RETURN_RATES.parameters) | {"from_on": first_day(question)}
    for currency, outcome, *told, count in fetch(RETURN_RATES, snapshot, asked):
        of_currency = debits.setdefault(currency, Counter())
        of_currency["debits"] += count
        of_currency[outcome] += count
        if outcome == "failed":
            _count_return(of_currency, match_told("ach", *told), count)
    rows = [_reading(currency, debits[currency], m) for currency in sorted(debits) for m in METERS]
    return answered(RETURN_RATES, snapshot, question, rows)


def _count_return(counts: Counter[str], match: Match, count: int) -> None:
    if not match.code.is_of_a_bank:
        counts["without_code"] += count
    for meter in METERS:
        if meter.counts(match):
            counts[meter.name] += count


def _reading(currency: str, counts: Counter[str], meter: Meter) -> tuple[Any, ...]:
    debits, returned = counts["debits"], counts[meter.name]
    interval = wilson(returned, debits) if debits < FEW else None
    low, high = interval or (None, None)
    return (
        currency,
        meter.name,
        debits,
        returned,
        counts["without_code"],
        counts["pending"],
        share_of(returned, debits),
        low,
        high,
        meter.limit,
        standing(returned, debits, meter.limit),
    )


def standing(returned: int, debits: int, limit: Decimal) -> str:
    """below, at or over the level; `watch` where one return among few debits is what is over."""
    level = limit * debits
    if returned > level:
        return "watch" if debits < FEW and returned < 2 else "over"
    return "at" if returned == level and returned > 0 else "below"
