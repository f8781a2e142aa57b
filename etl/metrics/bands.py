"""How far forecasts were off so far, and what that makes of the next: low, middle and high."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from etl.metrics.ratios import PRECISION

__all__ = ["ENOUGH_WEEKS", "Band", "PastWeek", "band"]

ENOUGH_WEEKS = 8


@dataclass(frozen=True, slots=True)
class PastWeek:
    """What was expected of a week, and what came."""

    expected: Decimal
    actual: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """What 10 and 90 of a hundred weeks stay at or below, None where too few are known to tell; and
    in the middle what is expected, put right by how much more or less than expected came so far."""

    low: Decimal | None
    middle: Decimal
    high: Decimal | None

    def holds(self, amount: Decimal) -> bool | None:
        """Whether an amount lies between low and high; None where these are not known."""
        if self.low is None or self.high is None:
            return None
        return self.low <= amount <= self.high


def band(expected: Decimal, past: Sequence[PastWeek]) -> Band:
    """The weeks' own ratios of what came to what was expected, applied to what is expected now.

    Weeks of which nothing was expected tell nothing. Shocks that move many customers at once are in
    these ratios, as they were in the weeks.
    """
    known = [week for week in past if week.expected > 0]
    if len(known) < ENOUGH_WEEKS:
        return Band(None, expected, None)
    ranked = sorted(known, key=lambda week: Fraction(week.actual) / Fraction(week.expected))
    low, high = (_scaled(expected, _ranked(ranked, percent)) for percent in (10, 90))
    whole = PastWeek(
        sum((week.expected for week in known), Decimal(0)),
        sum((week.actual for week in known), Decimal(0)),
    )
    return Band(low, min(max(_scaled(expected, whole), low), high), high)


def _ranked(ranked: Sequence[PastWeek], percent: int) -> PastWeek:
    """The nearest rank."""
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def _scaled(expected: Decimal, week: PastWeek) -> Decimal:
    with localcontext(prec=PRECISION):
        return expected * week.actual / week.expected
