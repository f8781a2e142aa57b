"""Makes ready what was known at the end of a day, so that figures can be had as first reported."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from etl.billing.entered_reason import EnteredReason
from etl.errors import NoSnapshotError, UsageError
from etl.exchange.rate import Rate
from etl.jobs.sync_tenant import facts_of
from etl.settings import Settings
from etl.store.models import Tenant
from etl.transform import runner
from etl.warehouse.past import build_past, open_past, prune_past
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import Connection, roomy

__all__ = ["end_of", "know_past"]


def end_of(day: date, time_zone: str) -> datetime:
    """The instant at which a day is over."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(time_zone))
    return midnight.astimezone(UTC)


def know_past(
    settings: Settings,
    tenant: Tenant,
    known_on: date,
    today: date,
    rates: Sequence[Rate] = (),
    reasons: Sequence[EnteredReason] = (),
) -> None:
    """Builds the snapshot that a sync at the end of that day would have published, if need be.

    The same SQL over the versions that had been observed by then, with the exchange `rates` and the
    `reasons` of failures that had been recorded by then, and the tenant's settings of today.
    UsageError for a day to come,
    NoSnapshotError for one before the first sync, StoreError while a sync is under way.
    """
    if known_on > today:
        raise UsageError(f"What will be known on {known_on} is not known yet: give a past day.")
    folder, facts = folder_of(settings, tenant.slug), facts_of(tenant)
    with open_past(folder, end_of(known_on, tenant.time_zone)) as connection:
        fingerprint = runner.fingerprint(connection, facts, rates, reasons)
        file = folder.known_file(known_on, fingerprint)
        if file.exists():
            file.touch()  # the days that nobody asks for go first
        else:
            newest_run = _newest_run(connection, tenant, known_on)
            with roomy(connection):
                runner.transform(connection, facts)
                with build_past(connection, folder, known_on, fingerprint):
                    runner.build_marts(
                        connection, seq=newest_run, run_id=newest_run, rates=rates, reasons=reasons
                    )
    prune_past(folder)


def _newest_run(connection: Connection, tenant: Tenant, known_on: date) -> int:
    versions, newest_run = runner.held(connection)
    if not versions:
        raise NoSnapshotError(
            f"Nothing had been read of {tenant.slug} by {known_on}: ask for a later day."
        )
    return newest_run
