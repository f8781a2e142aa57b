"""Random histories: a book lived through in a tenant's time zone, and read at the end of some days.

They run over the days on which clocks change, over a leap day, and over the end of a year.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage
from tests.etl.random_books import Records, Scribe, records_of

__all__ = ["History", "lived"]

ZONES = ("America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland", "UTC")
# Clocks change on 2026-03-08 and 2026-11-01 in America, 2026-03-29 in Europe, 2026-04-05 and
# 2026-09-27 in New Zealand; 2028 is a leap year.
BEGINNINGS = (
    date(2026, 2, 16),
    date(2026, 3, 16),
    date(2026, 9, 14),
    date(2026, 10, 12),
    date(2026, 12, 7),
    date(2028, 2, 7),
)
# Some are long enough for cohorts to come of age.
LENGTHS = (35, 260)
ACTS, READS = 200, 4


@dataclass(frozen=True, slots=True)
class History:
    """What was read of a book, at the end of which days."""

    zone: str
    reads: tuple[tuple[date, Records], ...]

    @property
    def last(self) -> date:
        """The day of the last read."""
        return self.reads[-1][0]

    def load(self, lineage: Lineage, index: int, records: Records) -> None:
        """Lands records as read at the end of the day of a read."""
        lineage.load_at(records, _end_of(self.reads[index][0], self.zone))

    def published(self, path: Path, upto: int = READS) -> Snapshot:
        """What the first reads make, each loaded in its turn."""
        lineage = Lineage(path, time_zone=self.zone)
        for index, (_, records) in enumerate(self.reads[:upto]):
            self.load(lineage, index, records)
        return lineage.publish()


def lived(seed: int, *, is_prompt: bool) -> History:
    """The same seed lives the same; `is_prompt`: nothing in it is back-dated."""
    rng = random.Random(f"history {seed}")
    zone, first = rng.choice(ZONES), rng.choice(BEGINNINGS)
    began, length = datetime.combine(first, time(9), UTC), rng.choice(LENGTHS)
    pace = timedelta(days=length) * 2 // ACTS
    scribe = Scribe(seed, first=began, zone=zone, pace=pace, is_prompt=is_prompt)
    days = sorted(rng.sample(range(7, length), READS - 1))
    reads = []
    for day in (first + timedelta(days=n) for n in (*days, length)):
        book = scribe.live(_end_of(day, zone))
        reads.append((day, records_of(book)))
    return History(zone, tuple(reads))


def _end_of(day: date, zone: str) -> datetime:
    """The last second of a day where the tenant is."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
