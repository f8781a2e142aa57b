"""One run of one tenant: plan, pull, land, transform, check, publish."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from billcom.client import Client
from billcom.errors import (
    BillError,
    CircuitOpenError,
    RateLimitedError,
)
from billcom.telemetry import Call
from etl.back_office import BackOffice
from etl.billing.entered_reason import EnteredReason
from etl.errors import StoppingError, TieoutError
from etl.exchange.rate import Rate
from etl.extract.backfill import Backfill
from etl.extract.bring_in import BringIn
from etl.extract.days import Days
from etl.extract.drift import BROKEN_FIELD, Watch, any_broken
from etl.extract.enumeration import SHRUNKEN, ZERO_ROWS, incomplete
from etl.extract.land import Lander, prepare
from etl.extract.notices import Notice
from etl.extract.plan import MONEY_PLAN, PLAN, REFERENCE_PLAN, Step
from etl.extract.progress import claim_lineage
from etl.store import alerts, closes, runs
from etl.store.failure_reasons import current_reasons
from etl.store.models import Run, Tenant
from etl.store.preferences import Preferences
from etl.store.rates import current_rates
from etl.store.tenants import find_tenant
from etl.transform import runner
from etl.transform.checking import CheckResult, run_checks
from etl.transform.runner import Facts
from etl.warehouse.places import TenantFolder, folder_of
from etl.warehouse.snapshot import Connection, build_snapshot, open_work, prune, roomy

__all__ = ["RunReport", "facts_of", "refused_report", "sync_tenant"]

LOG = logging.getLogger(__name__)
TIE_OUT_ALERT = "tie_out"
MOST_NOTICES = 100  # of one run; more would say no more
ALERTING = frozenset({ZERO_ROWS, SHRUNKEN})
SHORT_PAUSE = timedelta(minutes=1)  # for a limit that does not say when it lifts


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `rows`: versions added, by resource; `snapshot`: the current sequence;
    `note`: what it went without; `notices`: what it saw that was not expected of BILL."""

    tenant: str
    run_id: int | None
    status: str
    rows: dict[str, int]
    api_calls: int
    seconds: float
    snapshot: int | None
    error: str | None
    resumes_at: datetime | None = None
    note: str | None = None
    notices: tuple[dict[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `tieout sync --json` prints it; `error`, `resumes_at`, `note` and `notices`
        where there are any."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        if self.resumes_at:
            facts["resumes_at"] = self.resumes_at.isoformat()
        optional = {"error", "resumes_at", "note", "notices"}
        return {name: value for name, value in facts.items() if name not in optional or value}


def facts_of(tenant: Tenant) -> Facts:
    """What the transform needs to know of a tenant."""
    preferences = Preferences.from_json(tenant.preferences)
    return Facts(tenant.slug, tenant.time_zone, tenant.currency, preferences.default_terms_days)


def refused_report(slug: str, reason: str) -> RunReport:
    """The report of a run that could not start."""
    return RunReport(slug, None, "refused", {}, 0, 0.0, None, reason)


def sync_tenant(
    office: BackOffice,
    slug: str,
    *,
    trigger: str = "command",
    full: bool = False,
    days: Days | None = None,
) -> RunReport:
    """Brings a tenant's snapshot up to what BILL has now.

    `full` reads every record again instead of those changed since the watermark; with `days`, only
    those that were created or changed on one of them are read, and all of these. A run that
    fails says why in its report, keeps what it landed, and the next continues behind it.
    Raises RunRefusedError where a run of the tenant is under way, UnknownTenantError.
    """
    with office.store.read() as session:
        tenant = find_tenant(session, slug)
    run_id = runs.start(
        office.store,
        tenant,
        trigger=trigger,
        at=office.clock(),
        is_full=full,
        scope=days.as_json() if days else None,
    )
    with office.store.read() as session:
        # As it is now that the claim keeps it as it is: it may have been switched meanwhile.
        tenant = session.get_one(Tenant, tenant.id)
        run = session.get_one(Run, run_id)  # one that was put off goes on as it began
    sync = _Sync(office, tenant, run_id)
    try:
        sync.carry_out(
            full_since=run.started_at if run.is_full else None,
            days=Days.from_json(run.scope) if run.scope else None,
        )
    except (RateLimitedError, CircuitOpenError) as limit:
        return sync.put_off(limit)
    except (BillError, TieoutError) as failure:
        return sync.finish(str(failure), type(failure).__name__)
    except Exception as failure:
        if "Query interrupted" in str(failure):  # DuckDB's word for a signal that came meanwhile
            raise KeyboardInterrupt from None
        # A run must end with its reason on the ledger, whatever it was.
        LOG.exception("run %d of %s broke", run_id, slug)
        kind = type(failure).__name__
        return sync.finish(f"A fault of Tieout's own ended the run ({kind}); see its log.", kind)
    return sync.finish()


@dataclass(slots=True)
class _Sync:
    office: BackOffice
    tenant: Tenant
    run_id: int
    rows: dict[str, int] = field(default_factory=dict)
    api_calls: int = 0
    note: str | None = None
    notices: list[Notice] = field(default_factory=list)
    incomplete: set[str] | None = None
    rates: Sequence[Rate] | None = None
    reasons: Sequence[EnteredReason] | None = None
    started: float = field(default_factory=time.perf_counter)

    @property
    def folder(self) -> TenantFolder:
        return folder_of(self.office.settings, self.tenant.slug)

    def carry_out(self, *, full_since: datetime | None, days: Days | None) -> None:
        with (
            self.office.client_of(self.tenant, self._observe) as client,
            open_work(self.folder, self.office.sleep) as connection,
        ):
            client.sign_in()
            prepare(connection)
            claim_lineage(
                connection,
                self.tenant.slug,
                self.tenant.organization_id,
                self.tenant.environment,
            )
            if days:
                self._read_again(client, connection, days)
            if full_since or not days:
                plan = (*REFERENCE_PLAN, *PLAN)
                self._read(client, connection, plan, full_since=full_since)
            self._end_alert(connection)
            if self._is_published(connection):
                return
            checks = self._transform(connection)
            if not all(check.passed for check in checks):
                # What came between two of the lists makes them disagree: look once more.
                self._read(client, connection, MONEY_PLAN, full_since=None)
                checks = self._transform(connection)
            self._publish(connection, checks)

    def _observe(self, _call: Call) -> None:
        self.api_calls += 1

    def _read(
        self,
        client: Client,
        connection: Connection,
        plan: Sequence[Step],
        *,
        full_since: datetime | None,
    ) -> None:
        reader = self._reader(client, connection)
        for step in plan:
            self._count(step, reader.bring_in(step, full_since=full_since))
        self.incomplete = incomplete(connection)

    def _read_again(self, client: Client, connection: Connection, days: Days) -> None:
        reader = self._reader(client, connection)
        backfill = Backfill(reader, days, self.tenant.time_zone)
        backfill.begin(PLAN)
        for step in PLAN:
            self._count(step, backfill.read_again(step))
        backfill.end()

    def _reader(self, client: Client, connection: Connection) -> BringIn:
        return BringIn(
            client=client,
            lander=Lander(connection, self.tenant.slug, self.run_id),
            lookback=timedelta(seconds=self.office.settings.lookback_s),
            clock=self.office.clock,
            keep_going=self._keep_going,
            notice=self._notice,
            organization_id=self.tenant.organization_id,
            watch=self._watch(connection),
        )

    def _count(self, step: Step, added: Iterator[int]) -> None:
        name = step.resource.name
        self.rows.setdefault(name, 0)
        with self._survived(step):
            for rows in added:
                self.rows[name] += rows

    def _watch(self, connection: Connection) -> Watch:
        preferences = Preferences.from_json(self.tenant.preferences)
        return Watch(
            connection,
            self.tenant.slug,
            self._notice,
            lambda resource: preferences.contract_of(resource) == "stop",
        )

    def _notice(self, notice: Notice) -> None:
        """On the ledger at once: what was told is remembered, so a killed run must have said it."""
        LOG.warning("%s: %s", self.tenant.slug, notice.sentence)
        self.notices.append(notice)
        with self.office.store.begin() as session:
            run = session.get_one(Run, self.run_id, with_for_update=True)
            if notice.as_json() not in (kept := run.notices or []):
                run.notices = [*kept, notice.as_json()][:MOST_NOTICES]
            if notice.kind == BROKEN_FIELD:
                sentence = f"{self.tenant.slug}: {notice.sentence}"
                alerts.raise_alert(
                    session, self.tenant.id, BROKEN_FIELD, sentence, self.office.clock()
                )

    def _end_alert(self, connection: Connection) -> None:
        """What figures need is there again in every record."""
        if not any_broken(connection):
            with self.office.store.begin() as session:
                alerts.clear(session, self.tenant.id, BROKEN_FIELD, self.office.clock())

    @contextmanager
    def _survived(self, step: Step) -> Iterator[None]:
        """Where BILL does not give this organization what is optional, the run says so."""
        try:
            yield
        except (RateLimitedError, CircuitOpenError):
            raise
        except BillError as refusal:
            if not step.is_optional:
                raise
            said = f"{step.resource.name.replace('_', ' ')} were not read: {refusal}"
            self.note = f"{self.note} {said}" if self.note else said

    def _keep_going(self) -> None:
        if self.office.stopping.is_set():
            raise StoppingError
        runs.renew(self.office.store, self.run_id, self.office.clock())

    def _is_published(self, connection: Connection) -> bool:
        fingerprint = self._fingerprint(connection)
        with self.office.store.read() as session:
            current = runs.current_snapshot(session, self.tenant.id)
        return (
            current is not None
            and current.fingerprint == fingerprint
            and self.folder.snapshot(current.seq).exists()
        )

    def _fingerprint(self, connection: Connection) -> str:
        facts = facts_of(self.tenant)
        return runner.fingerprint(connection, facts, self._rates(), self._reasons())

    def _rates(self) -> Sequence[Rate]:
        """The exchange rates as they were when first asked for: what is compared is published."""
        if self.rates is None:
            with self.office.store.read() as session:
                self.rates = current_rates(session, self.tenant.id)
        return self.rates

    def _reasons(self) -> Sequence[EnteredReason]:
        """The reasons people entered, as they were when first asked for."""
        if self.reasons is None:
            with self.office.store.read() as session:
                self.reasons = current_reasons(session, self.tenant.id)
        return self.reasons

    def _transform(self, connection: Connection) -> list[CheckResult]:
        with roomy(connection):
            runner.transform(connection, facts_of(self.tenant))
            return run_checks(connection)

    def _publish(self, connection: Connection, checks: Sequence[CheckResult]) -> None:
        self._keep_going()
        seq = self.run_id  # rises with every run and never comes twice
        with roomy(connection), build_snapshot(connection, self.folder, seq):
            runner.build_marts(
                connection,
                seq=seq,
                run_id=self.run_id,
                rates=self._rates(),
                reasons=self._reasons(),
            )
        with self.office.store.begin() as session:
            runs.publish(
                session,
                session.get_one(Run, self.run_id),
                seq=seq,
                fingerprint=self._fingerprint(connection),
                checks=[check.as_json() for check in checks],
                at=self.office.clock(),
                newest_reason_id=max((r.reason_id for r in self._reasons()), default=0),
            )
            self._alert_of(session, checks)
            pinned = closes.pinned(session, self.tenant.id)
        prune(self.folder, seq, pinned)

    def _alert_of(self, session: Session, checks: Sequence[CheckResult]) -> None:
        """A failed tie-out hides nothing: what was read is published, marked, and told."""
        failed = [check for check in checks if not check.passed]
        tenant_id, now = self.tenant.id, self.office.clock()
        if not failed:
            alerts.clear(session, tenant_id, TIE_OUT_ALERT, now)
            return
        found = ", ".join(f"{check.check} ({check.count})" for check in failed)
        sentence = (
            f"{self.tenant.slug} does not tie out to BILL: {found}. See the documents with tieout "
            f"tie-out {self.tenant.slug}, and read all again with tieout sync --full."
        )
        alerts.raise_alert(session, tenant_id, TIE_OUT_ALERT, sentence, now)

    def _alert_of_notices(self, session: Session, plan: Sequence[Step]) -> None:
        """An alert a resource, over as soon as a full read lists all that is held."""
        tenant_id, now = self.tenant.id, self.office.clock()
        for notice in self.notices:
            if notice.kind in ALERTING:
                kind = f"{notice.kind}:{notice.resource}"
                alerts.raise_alert(session, tenant_id, kind, notice.sentence, now)
        if self.incomplete is None:
            return
        for name in {step.resource.name for step in plan} - self.incomplete:
            for kind in (ZERO_ROWS, SHRUNKEN):
                alerts.clear(session, tenant_id, f"{kind}:{name}", now)

    def put_off(self, limit: RateLimitedError | CircuitOpenError) -> RunReport:
        until = limit.retry_at or self.office.clock() + SHORT_PAUSE
        sentence = f"{limit} What was read is kept; the run goes on then."

        def end(run: Run) -> None:
            runs.put_off(run, until=until, error=sentence, error_kind=type(limit).__name__)

        return self._end(end, sentence, until)

    def finish(self, error: str | None = None, error_kind: str | None = None) -> RunReport:
        def end(run: Run) -> None:
            runs.finish(run, at=self.office.clock(), error=error, error_kind=error_kind)
            run.error = error or self.note

        return self._end(end, error)

    def _end(
        self, end: Callable[[Run], None], error: str | None, until: datetime | None = None
    ) -> RunReport:
        with self.office.store.begin() as session:
            run = session.get_one(Run, self.run_id, with_for_update=True)
            if run.status == "running":
                end(run)
            # A run that was put off adds to what it did before.
            run.rows = {
                name: self.rows.get(name, 0) + run.rows.get(name, 0)
                for name in {**run.rows, **self.rows}
            }
            run.api_calls += self.api_calls
            rows, calls = run.rows, run.api_calls
            self._alert_of_notices(session, (*REFERENCE_PLAN, *PLAN))
            notices = tuple(run.notices or ())
            current = runs.current_snapshot(session, self.tenant.id)
            status, snapshot = run.status, current.seq if current else None
        seconds = round(time.perf_counter() - self.started, 3)
        report = RunReport(
            self.tenant.slug,
            self.run_id,
            status,
            rows,
            calls,
            seconds,
            snapshot,
            error,
            until,
            self.note,
            notices,
        )
        LOG.info("run %s", report.as_json())
        return report
