"""Parts of a whole: exact counts and sums divided last, and what a few cases can say of a rate."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from etl.metrics.figures import Figures, Metric, Question, answered, fetch
from etl.metrics.ratios import Quotient, as_days, as_ratio, divided
from etl.warehouse.snapshot import Snapshot

__all__ = ["answered_shares", "quantile", "share_of", "wilson"]

Z = Decimal("1.959964")  # 95 of 100 such intervals hold the true rate


def share_of(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """part ÷ whole to six digits, half up; None where the whole is not positive."""
    return as_ratio(divided(Decimal(part), Decimal(whole), "nothing to divide by"))


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """The 95 % Wilson interval of a rate, six digits; None where there are no cases."""
    if whole <= 0:
        return None
    with localcontext(prec=40):
        n, p, zz = Decimal(whole), Decimal(part) / Decimal(whole), Z * Z
        middle = p + zz / (2 * n)
        reach = Z * (p * (1 - p) / n + zz / (4 * n * n)).sqrt()
        low, high = ((middle + sign * reach) / (1 + zz / n) for sign in (-1, 1))
        return _within(low), _within(high)


def _within(rate: Decimal) -> Decimal:
    return as_ratio(Quotient(min(max(rate, Decimal(0)), Decimal(1)))) or Decimal(0)


def quantile(values: Sequence[int], percent: int) -> Decimal | None:
    """The value that `percent` of the values do not exceed: the middle of two where two are it."""
    if not values:
        return None
    ordered = sorted(values)
    at, rest = divmod(len(ordered) * percent, 100)
    if rest:
        return as_days(Quotient(Decimal(ordered[at])))
    middle = Decimal(ordered[at - 1] + ordered[min(at, len(ordered) - 1)]) / 2
    return as_days(Quotient(middle))


def answered_shares(
    metric: Metric,
    snapshot: Snapshot,
    question: Question,
    shares: Mapping[str, tuple[str, str]],
    *,
    reason: str,
) -> Figures:
    """A metric whose SQL gives every column but the shares (part, whole) and `reason`.

    `reason` is filled where a share has nothing to be divided by.
    """
    given = [c.name for c in metric.columns if c.name not in shares and c.name != "reason"]
    rows = []
    for row in fetch(metric, snapshot, question.parameters(metric.parameters)):
        facts: dict[str, Any] = dict(zip(given, row, strict=True))
        for name, (part, whole) in shares.items():
            facts[name] = share_of(facts[part], facts[whole])
        facts["reason"] = reason if any(facts[name] is None for name in shares) else None
        rows.append(tuple(facts[column.name] for column in metric.columns))
    return answered(metric, snapshot, question, rows)
