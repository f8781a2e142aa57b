"""A tenant's runs, each with what it called; what it still owes BILL; whom it wrote to."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.operations.gate import Gate
from etl.store import asked_runs, letters, outbox, runs
from etl.store.access import Who
from etl.store.call_sums import EndpointCalls, calls_by_endpoint
from etl.store.models import Letter, OutboxRow, Run

__all__ = ["Ledger", "OutboxState"]

SHOWN = 30


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How many rows are in each status, those that are open, and the newest of all."""

    counts: dict[str, int]
    still_open: Sequence[OutboxRow]
    newest: Sequence[OutboxRow]


class Ledger:
    """Syncs and actions as the store has them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def runs(self, who: Who, slug: str) -> Sequence[Run]:
        """The newest runs first; one that is under way has its figures only when it ends."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return runs.recent_runs(session, grant.tenant_id, SHOWN)

    def sync_now(self, who: Who, slug: str) -> int:
        """Asks the back office for a sync and gives the run's number; RunRefusedError where one
        is under way or waits already."""
        grant, now = self._gate.admin(who, slug), self._gate.clock()
        with self._gate.store.begin() as session:
            return asked_runs.ask_for(session, grant, now)

    def calls(self, who: Who, slug: str, run: Run) -> Sequence[EndpointCalls]:
        """The tenant's calls to BILL while a run was under way, up to now where it still is.

        Empty for a run of more than thirty days ago, whose calls are forgotten.
        """
        grant = self._gate.admin(who, slug)
        until = run.finished_at or self._gate.clock()
        with self._gate.store.read() as session:
            return calls_by_endpoint(session, grant.tenant_id, run.started_at, until)

    def outbox(self, who: Who, slug: str) -> OutboxState:
        """What is intended, under way, and came of it."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return OutboxState(
                outbox.count_by_status(session, grant.tenant_id),
                outbox.all_open(session, grant.tenant_id),
                outbox.listed(session, grant, limit=SHOWN),
            )

    def letters(self, who: Who, slug: str) -> Sequence[Letter]:
        """The newest letters first, to administrators and to customers."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return letters.listed(session, grant.tenant_id, limit=SHOWN)
