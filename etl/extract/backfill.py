"""Reading again what was created or changed on some days, and landing what differs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from billcom.paging import Page
from billcom.protocol import clause
from etl.errors import TieoutError
from etl.extract.bring_in import BringIn, Order
from etl.extract.days import Days
from etl.extract.plan import Step
from etl.extract.progress import Progress, progress_of
from etl.extract.pull import pull
from etl.warehouse.sqlfile import read_sql

__all__ = ["Backfill"]

GIVEN_UP_AFTER = timedelta(days=7)
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class _Part:
    """One list of a resource: its field that is to be within the days, or WHOLE."""

    step: Step
    field: str
    is_archived: bool

    @property
    def name(self) -> str:
        return f"{self.field} archived" if self.is_archived else self.field


@dataclass(frozen=True, slots=True)
class Backfill:
    """Reads some days again for one run; the watermark stays where it is.

    A record is read by the day of its making, whatever became of it since, and by the day of its
    last change, whenever it was made: BILL filters by both and knows no *or*. Lists that it does
    not sort by change are short and read whole.
    """

    reader: BringIn
    days: Days
    time_zone: str

    def begin(self, plan: Sequence[Step]) -> None:
        """TieoutError where a first read is still to come: a part of a book is no book."""
        self._forget(is_over=False)
        for step in plan:
            if self._standing(step).read_at is None and not step.is_optional:
                raise TieoutError(
                    f"{step.resource.name.replace('_', ' ').capitalize()} were never read to their "
                    "end: run tieout sync without days first."
                )

    def read_again(self, step: Step) -> Iterator[int]:
        """Rows added, a number a commit; what an earlier run has read is not read again."""
        for part in self._parts(step):
            yield from self._read(part)

    def end(self) -> None:
        """All was read: the same days asked for once more are read once more."""
        self._forget(is_over=True)

    def _parts(self, step: Step) -> list[_Part]:
        if not step.sorts_by_change:
            return [_Part(step, WHOLE, is_archived=False)]
        apart = [False, True] if self._standing(step).lists_archived_apart else [False]
        fields = (step.created, step.watermark)
        return [_Part(step, field, is_archived) for field in fields for is_archived in apart]

    def _read(self, part: _Part) -> Iterator[int]:
        reached, is_done = self._reached(part)
        if is_done:
            return
        order = Order()
        for incoming in self.reader.incoming(part.step, self._pages(part, reached)):
            lander, at = self.reader.lander, self.reader.clock()
            yield lander.land(part.step, incoming, at, advances=False)
            moments = (
                incoming.created_at if part.field == part.step.created else incoming.updated_at
            )
            if order.holds_for(moments) and part.field != WHOLE:
                self._note(part, order.newest, is_done=False)
        self._note(part, None, is_done=True)

    def _pages(self, part: _Part, reached: datetime | None) -> Iterator[Page]:
        step, client = part.step, self.reader.client
        if part.field == WHOLE:
            apart = self._standing(step).lists_archived_apart
            progress = Progress(lists_archived_apart=apart)
            return pull(client, step, progress, self.reader.lookback, full=True)
        first, last = self.days.instants(self.time_zone)
        filters = [
            clause(part.field, "gte", max(first, reached or first)),
            clause(part.field, "lt", last),
        ]
        if part.is_archived:
            filters.append(clause("archived", "eq", True))
        return client.pages(step.resource, filters=filters, sort=f"{part.field}:asc")

    def _standing(self, step: Step) -> Progress:
        return progress_of(self.reader.lander.connection, step, self.reader.lookback)

    def _reached(self, part: _Part) -> tuple[datetime | None, bool]:
        """How far an earlier run came with a list, and whether to its end."""
        rows = self._execute("backfill_progress", self._named(part))
        if not rows:
            return None, False
        ((reached, is_done),) = rows
        return reached and reached.replace(tzinfo=UTC), is_done

    def _note(self, part: _Part, reached: datetime | None, *, is_done: bool) -> None:
        facts = {"reached": reached, "is_done": is_done, "noted_at": self.reader.clock()}
        self._execute("backfilled", self._named(part) | facts)

    def _forget(self, *, is_over: bool) -> None:
        before = self.reader.clock() - GIVEN_UP_AFTER
        self._execute("forget_backfill", self._range() | {"is_over": is_over, "before": before})

    def _range(self) -> dict[str, Any]:
        return {"from_on": self.days.from_on, "to_on": self.days.to_on}

    def _named(self, part: _Part) -> dict[str, Any]:
        return self._range() | {"resource": part.step.resource.name, "part": part.name}

    def _execute(self, name: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = self.reader.lander.connection
        return connection.execute(read_sql(f"extract/sql/{name}.sql"), facts).fetchall()
