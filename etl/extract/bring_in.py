"""Bringing one resource up to what BILL has: pulled, landed, and how far noted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billcom.client import Client
from billcom.errors import BillError, NotFoundError, PermissionDeniedError, ValidationError
from billcom.paging import Page
from etl.extract.ahead import one_ahead
from etl.extract.drift import Watch
from etl.extract.enumeration import enumerated, forget_listed
from etl.extract.incoming import Incoming, read_in
from etl.extract.land import Lander, transaction
from etl.extract.notices import Notice
from etl.extract.plan import Step
from etl.extract.progress import (
    Progress,
    holds,
    note_finished,
    note_probe,
    note_reached,
    note_refused,
    progress_of,
)
from etl.extract.pull import find_archived, pull, pull_whole

__all__ = ["BringIn", "Order"]

PAGES_A_COMMIT = 120
LONGEST_WAIT = timedelta(seconds=2)
DENIED = (PermissionDeniedError, NotFoundError, ValidationError)


@dataclass(frozen=True, slots=True)
class BringIn:
    """Reads resources for one run. `keep_going` is called a page and may end the run by raising;
    `notice` with what was not expected of BILL."""

    client: Client
    lander: Lander
    lookback: timedelta
    clock: Callable[[], datetime]
    keep_going: Callable[[], None]
    notice: Callable[[Notice], None]
    organization_id: str
    watch: Watch

    def bring_in(self, step: Step, *, full_since: datetime | None) -> Iterator[int]:
        """Rows added, a number a commit, until the list's end.

        A first read takes all. All is taken again where that was not done since `full_since`,
        and every week.
        """
        started = self.clock()
        progress = progress_of(self.lander.connection, step, self.lookback)
        if not progress.is_due(step, started, full_since):
            return
        try:
            yield from self._bring_in(step, progress, started, full_since)
        except DENIED:
            if step.read_every:  # asked again when the list would be read again
                note_refused(self.lander.connection, step, self.lander.tenant, started)
            raise

    def _bring_in(
        self, step: Step, progress: Progress, started: datetime, full_since: datetime | None
    ) -> Iterator[int]:
        is_again = bool(step.read_every) or progress.is_due_in_full(started, full_since)
        is_full = not progress.is_first and is_again
        is_all = is_full or progress.is_first
        if (progress.enumerated_to if is_full else progress.updated_to) is None and is_all:
            forget_listed(self.lander.connection, step)
        yield from self._land(step, progress, full=is_full, lists=is_all)
        self._finish(step, started, is_full=is_all, moves=not is_full)
        if step.has_archived and progress.is_probe_due(started):
            yield from self._look_for_archived(step, started)

    def _land(
        self, step: Step, progress: Progress, *, full: bool, lists: bool = False
    ) -> Iterator[int]:
        order = Order()
        # Only of one list in the order of changes is it known what was read before a page.
        is_one_list = step.sorts_by_change and not progress.lists_archived_apart
        for incoming in self.incoming(step, self._pages(step, progress, full=full)):
            moments = incoming.created_at if full else incoming.updated_at
            is_next = is_one_list and order.holds_for(moments)
            lander, advances = self.lander, not full and is_next
            yield lander.land(step, incoming, self.clock(), advances=advances, lists=lists)
            if full and is_next and order.newest:
                note_reached(lander.connection, step, lander.tenant, order.newest)

    def incoming(self, step: Step, pages: Iterator[Page]) -> Iterator[Incoming]:
        """What is to be landed at once, read while what came before is landed; ContractError where
        its form is not to be accepted."""
        for incoming in one_ahead(read_in(step, batch) for batch in self._batches(pages)):
            self.watch.heed(step, incoming, self.clock())
            yield incoming

    def _pages(self, step: Step, progress: Progress, *, full: bool) -> Iterator[Page]:
        if step.read_every:
            return pull_whole(self.client, step, progress, self.organization_id)
        return pull(self.client, step, progress, self.lookback, full=full)

    def _batches(self, pages: Iterator[Page]) -> Iterator[list[Page]]:
        """Pages in groups that are landed together: fewer commits, still little to lose to a kill.

        Where reading fails, what was read is handed on first: a budget too small for one group
        would otherwise bring nothing, hour after hour.
        """
        batch: list[Page] = []
        begun = self.clock()
        try:
            for page in pages:
                self.keep_going()
                batch.append(page)
                if len(batch) == PAGES_A_COMMIT or self.clock() - begun >= LONGEST_WAIT:
                    yield batch
                    batch, begun = [], self.clock()
        except BillError:
            if batch:
                yield batch
            raise
        if batch:
            yield batch

    def _look_for_archived(self, step: Step, at: datetime) -> Iterator[int]:
        """BILL does not document whether lists hold archived records; any one of them tells."""
        connection = self.lander.connection
        try:
            found = find_archived(self.client, step)
        except ValidationError:  # it knows no such filter, so it keeps no such list
            note_probe(connection, step, at, apart=False)
            return
        apart = None if found is None else not holds(connection, step, found)
        note_probe(connection, step, at, apart=apart)
        if apart:
            progress = progress_of(connection, step, self.lookback)
            yield from self._land(step, replace(progress, updated_to=None), full=False)

    def _finish(self, step: Step, at: datetime, *, is_full: bool, moves: bool) -> None:
        lander = self.lander
        with transaction(lander.connection):
            found = enumerated(lander, step, self.clock()) if is_full else None
            note_finished(lander.connection, step, lander.tenant, at, is_full=is_full, moves=moves)
        for notice in found.notices() if found else ():
            self.notice(notice)


class Order:
    """Whether records come oldest first, as they were asked for.

    Where they do not, the `newest` seen says nothing of what is still to come.
    """

    def __init__(self) -> None:
        self.newest: datetime | None = None
        self._holds = True

    def holds_for(self, moments: Sequence[datetime | None]) -> bool:
        for at in moments:
            if at is None:
                continue
            if self.newest and at < self.newest:
                self._holds = False
            self.newest = at
        return self._holds
