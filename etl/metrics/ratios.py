"""Dividing exact sums, last and once; what cannot be divided is empty and says why."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

__all__ = ["Quotient", "added", "as_days", "as_ratio", "as_score", "divided", "unknown"]

PRECISION = 60  # sums hold up to 38 digits, and are multiplied before they are divided
RATIO, DAYS, SCORE = Decimal("0.000001"), Decimal("0.01"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Quotient:
    """A number, or the reason why there is none."""

    value: Decimal | None
    reason: str | None = None


def unknown(reason: str) -> Quotient:
    """No number."""
    return Quotient(None, reason)


def divided(numerator: Decimal, denominator: Decimal, reason: str) -> Quotient:
    """The quotient; where the denominator is not positive, none, for this reason."""
    if denominator <= 0:
        return unknown(reason)
    with localcontext(prec=PRECISION):
        return Quotient(numerator / denominator)


def added(quotients: Iterable[Quotient]) -> Quotient:
    """Their sum; none where one of them is missing."""
    total = Decimal(0)
    for quotient in quotients:
        if quotient.value is None:
            return quotient
        with localcontext(prec=PRECISION):
            total += quotient.value
    return Quotient(total)


def as_ratio(quotient: Quotient) -> Decimal | None:
    """A share or multiple, to six digits, half up."""
    return _rounded(quotient.value, RATIO)


def as_days(quotient: Quotient) -> Decimal | None:
    """Days, to two digits, half up."""
    return _rounded(quotient.value, DAYS)


def as_score(quotient: Quotient) -> Decimal | None:
    """Points, to two digits, half up."""
    return _rounded(quotient.value, SCORE)


def _rounded(value: Decimal | None, unit: Decimal) -> Decimal | None:
    if value is None:
        return None
    with localcontext(prec=PRECISION):
        return value.quantize(unit, ROUND_HALF_UP) + 0  # no negative zero
