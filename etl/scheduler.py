"""Every schedule of the back office, on one screen."""

import logging
import signal
import time
from datetime import UTC, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from filelock import FileLock, Timeout
from sqlalchemy.orm import Session

from etl.back_office import BackOffice
from etl.errors import RunRefusedError, StoreError, TieoutError
from etl.jobs.charge_late import propose_automatically
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.fetch_rates import fetch_daily
from etl.jobs.heed_webhooks import Hints, is_awaited
from etl.jobs.issue_schedules import issue_all
from etl.jobs.run_exports import run_exports
from etl.jobs.send_notices import send_alerts, send_notices
from etl.jobs.sync_tenant import RunReport, sync_tenant
from etl.jobs.tend_fleetflow import tend_fleetflow
from etl.service.app import listening
from etl.store import asked_runs, runs, telemetry, webhook_events
from etl.store.models import Tenant
from etl.store.sessions import refusal_of
from etl.store.tenants import all_tenants, connection_of
from etl.watch import watch

__all__ = ["serve"]

LOG = logging.getLogger(__name__)
SYNCS_AT_ONCE = 3
OUTBOX_EVERY_S = 1
WEBHOOKS_EVERY_S = 2
PEOPLE_EVERY_S = 2
EXPORTS_EVERY_S = 20
FLEETFLOW_EVERY_S = 10
SCHEDULES_EVERY_S = 60
ALERTS_EVERY_S = 20
NOTICES_EVERY_S = 60
WATCH_EVERY_S = 60
AGAIN_AFTER = timedelta(seconds=2)
SOON = frozenset({"action", "webhook"})  # what must be shown soon
PRUNE_EVERY_S = 3600
RATES_EVERY_S = 86_400
LATE_FEES_EVERY_S = 3600  # a day's fees soon after it is over in the tenant's zone


def serve(office: BackOffice, port: int) -> None:
    """Runs the back office until SIGINT or SIGTERM, answering health checks on `port`.

    TieoutError where one runs already, or the port is taken.
    """
    lock = FileLock(office.settings.data_dir / "serve.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise TieoutError(
            f"A back office is serving {office.settings.data_dir} already: stop that one first."
        ) from None
    with lock, listening(office, port) as address:
        LOG.info("health and metrics at %s/healthz, /readyz and /metrics", address)
        _run(office)


def _run(office: BackOffice) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: office.stopping.set())
    scheduler = _scheduler(office)
    scheduler.start()
    LOG.info("serving; every tenant is synced every %d s", office.settings.sync_every_s)
    while not office.stopping.is_set():
        time.sleep(0.2)  # a plain wait on the event would not let the signal in
    scheduler.shutdown(wait=True)


def _scheduler(office: BackOffice) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={
            "default": ThreadPoolExecutor(5),
            "syncs": ThreadPoolExecutor(SYNCS_AT_ONCE),
            # What people act on is sent within two seconds, however long other jobs take.
            "outbox": ThreadPoolExecutor(1),
            # A slow database of FleetFlow's holds up nothing but itself.
            "fleetflow": ThreadPoolExecutor(1),
        },
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(
        _enqueue_syncs,
        "interval",
        (office, scheduler),
        id="enqueue-syncs",
        seconds=office.settings.sync_every_s,
        next_run_time=office.clock(),
    )
    scheduler.add_job(
        _dispatch,
        "interval",
        (office, scheduler),
        id="dispatch-outbox",
        seconds=OUTBOX_EVERY_S,
        executor="outbox",
    )
    scheduler.add_job(
        _heed_webhooks,
        "interval",
        (office, scheduler, Hints(office, _must_wait)),
        id="heed-webhooks",
        seconds=WEBHOOKS_EVERY_S,
    )
    scheduler.add_job(
        _heed_people, "interval", (office, scheduler), id="heed-people", seconds=PEOPLE_EVERY_S
    )
    scheduler.add_job(
        fetch_daily,
        "interval",
        (office,),
        id="fetch-rates",
        seconds=RATES_EVERY_S,
        next_run_time=office.clock(),
    )
    scheduler.add_job(run_exports, "interval", (office,), id="run-exports", seconds=EXPORTS_EVERY_S)
    scheduler.add_job(
        issue_all, "interval", (office,), id="issue-schedules", seconds=SCHEDULES_EVERY_S
    )
    scheduler.add_job(watch, "interval", (office,), id="watch", seconds=WATCH_EVERY_S)
    scheduler.add_job(send_alerts, "interval", (office,), id="send-alerts", seconds=ALERTS_EVERY_S)
    scheduler.add_job(
        send_notices, "interval", (office,), id="send-notices", seconds=NOTICES_EVERY_S
    )
    scheduler.add_job(
        tend_fleetflow,
        "interval",
        (office,),
        id="tend-fleetflow",
        seconds=FLEETFLOW_EVERY_S,
        executor="fleetflow",
    )
    scheduler.add_job(
        propose_automatically, "interval", (office,), id="late-fees", seconds=LATE_FEES_EVERY_S
    )
    scheduler.add_job(_prune, "interval", (office,), id="prune", seconds=PRUNE_EVERY_S)
    return scheduler


def _prune(office: BackOffice) -> None:
    with office.store.begin() as session:
        telemetry.prune(session, office.clock())
        webhook_events.prune(session, office.clock())


def _enqueue_syncs(office: BackOffice, scheduler: BackgroundScheduler) -> None:
    with office.store.read() as session:
        slugs = [
            tenant.slug
            for tenant in all_tenants(session)
            if not _must_wait(office, session, tenant)
        ]
    for slug in slugs:
        _enqueue_sync(office, scheduler, slug, "schedule")


def _must_wait(office: BackOffice, session: Session, tenant: Tenant) -> bool:
    """Whether a limit has still to lift, or BILL refused the credentials lately."""
    now = office.clock()
    try:
        _environment, credentials = connection_of(office.box, tenant)
    except StoreError as error:  # one tenant's trouble holds no other up
        LOG.warning("%s is not synced: %s", tenant.slug, error)
        return True
    is_refused = refusal_of(session, tenant.id, credentials, now) is not None
    return is_refused or runs.is_put_off(session, tenant.id, now)


def _enqueue_sync(
    office: BackOffice,
    scheduler: BackgroundScheduler,
    slug: str,
    trigger: str,
    after: timedelta = timedelta(0),
) -> None:
    # One id a tenant: a sync that still waits for its turn is not queued twice. Two instances,
    # so that one asked for while another runs is not dropped but refused, and comes again.
    scheduler.add_job(
        _sync,
        "date",
        (office, scheduler, slug, trigger),
        run_date=office.clock() + after,
        id=f"sync-{slug}-{trigger}",
        executor="syncs",
        max_instances=2,
        replace_existing=True,
    )


def _sync(office: BackOffice, scheduler: BackgroundScheduler, slug: str, trigger: str) -> None:
    if office.stopping.is_set():
        return  # it was queued; the next process begins with it
    try:
        if _is_over(office, slug, trigger):
            return
        report = sync_tenant(office, slug, trigger=trigger)
    except RunRefusedError:
        # The running sync may have read past what an action changed, or an event told.
        if trigger in SOON:
            _enqueue_sync(office, scheduler, slug, trigger, after=AGAIN_AFTER)
    except TieoutError as error:
        LOG.warning("sync of %s: %s", slug, error)
    else:
        _heed(office, scheduler, report)


def _is_over(office: BackOffice, slug: str, trigger: str) -> bool:
    """Whether a sync that began meanwhile has read what this one was asked for."""
    return trigger == "webhook" and not is_awaited(office, slug)


def _heed(office: BackOffice, scheduler: BackgroundScheduler, report: RunReport) -> None:
    if report.resumes_at:
        pause = max(timedelta(0), report.resumes_at - office.clock())
        _enqueue_sync(office, scheduler, report.tenant, "resume", after=pause + AGAIN_AFTER)
    if report.error:
        LOG.warning("sync of %s: %s", report.tenant, report.error)


def _dispatch(office: BackOffice, scheduler: BackgroundScheduler) -> None:
    for slug in dispatch_outbox(office):
        _enqueue_sync(office, scheduler, slug, "action")


def _heed_webhooks(office: BackOffice, scheduler: BackgroundScheduler, hints: Hints) -> None:
    for slug in hints.due():
        _enqueue_sync(office, scheduler, slug, "webhook")


def _heed_people(office: BackOffice, scheduler: BackgroundScheduler) -> None:
    with office.store.read() as session:
        slugs = asked_runs.asked(session, office.clock())
    for slug in slugs:
        _enqueue_sync(office, scheduler, slug, asked_runs.TRIGGER)
