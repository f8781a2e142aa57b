"""What becomes of an invoice besides being paid, and how many of each a history holds."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto


class Fate(Enum):
    """ORDINARY follows the customer's habit; each other one is drawn for a few invoices."""

    ORDINARY = auto()
    PART_PAID = auto()
    IN_FLIGHT = auto()
    RETURNED_BEFORE_CLEARING = auto()
    RETURNED_AFTER_CLEARING = auto()
    CANCELED = auto()
    OVERPAID = auto()
    CREDITED = auto()
    CREDITED_IN_PART = auto()
    ARCHIVED = auto()
    ARCHIVED_WITH_PAYMENT = auto()
    DISPUTED = auto()


@dataclass(frozen=True)
class Quota:
    """At least `least` invoices, otherwise `share` of all, aged between the two ends in days."""

    fate: Fate
    share: float
    least: int
    youngest: int
    oldest: int


# The young are few: what is young has had little time to fail, and falls into one or two months.
_QUOTAS = (
    Quota(Fate.IN_FLIGHT, 0.004, 4, 2, 20),
    Quota(Fate.DISPUTED, 0.0025, 3, 45, 200),
    Quota(Fate.RETURNED_BEFORE_CLEARING, 0.0006, 3, 14, 60),
    Quota(Fate.RETURNED_BEFORE_CLEARING, 0.006, 3, 90, 600),
    Quota(Fate.RETURNED_AFTER_CLEARING, 0.0005, 3, 25, 75),
    Quota(Fate.RETURNED_AFTER_CLEARING, 0.004, 3, 110, 600),
    Quota(Fate.CANCELED, 0.006, 4, 14, 600),
    Quota(Fate.PART_PAID, 0.01, 4, 12, 70),
    Quota(Fate.PART_PAID, 0.01, 3, 120, 600),
    Quota(Fate.OVERPAID, 0.006, 4, 75, 650),
    Quota(Fate.CREDITED, 0.008, 4, 3, 650),
    Quota(Fate.CREDITED_IN_PART, 0.004, 3, 3, 300),
    Quota(Fate.ARCHIVED, 0.01, 5, 20, 700),
    Quota(Fate.ARCHIVED_WITH_PAYMENT, 0.001, 2, 90, 700),
)


def draw_fates(rng: random.Random, created: Sequence[datetime], now: datetime) -> list[Fate]:
    """A fate for each invoice created at these instants, in the same order."""
    fates = [Fate.ORDINARY] * len(created)
    for quota in _QUOTAS:
        wanted = max(quota.least, round(quota.share * len(created)))
        open_to_it = _candidates(quota, fates, created, now)
        for position in rng.sample(open_to_it, min(wanted, len(open_to_it))):
            fates[position] = quota.fate
    return fates


def _candidates(
    quota: Quota, fates: Sequence[Fate], created: Sequence[datetime], now: datetime
) -> list[int]:
    latest = now - timedelta(days=quota.youngest)
    earliest = now - timedelta(days=quota.oldest)
    return [
        position
        for position, at in enumerate(created)
        if fates[position] is Fate.ORDINARY and earliest <= at <= latest
    ]
