"""Looks for what nobody else would notice, and raises an alert until it is over."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from billcom import errors as bill_errors
from etl.back_office import BackOffice
from etl.doctor.finding import Finding, State
from etl.doctor.house import room
from etl.doctor.standing import freshness, last_run, limits
from etl.doctor.visit import Visit
from etl.doctor.webhooks import webhooks
from etl.errors import TieoutError
from etl.jobs.webhook_subscriptions import is_look_due, look
from etl.store import alerts, runs
from etl.store.models import WebhookSubscription
from etl.store.tenants import all_tenants

__all__ = ["watch"]

LOG = logging.getLogger(__name__)
NEW_FOR = timedelta(hours=1)  # the first sync has that long
WELL = Finding(State.OK, "")


def watch(office: BackOffice) -> None:
    """Raises and ends sync_failed, sync_late, limit_near, webhook_disabled and disk_low of every
    tenant."""
    with office.store.read() as session:
        tenants = all_tenants(session)
    disk = room(office.settings.data_dir)
    for tenant in tenants:
        with closing(Visit(office, tenant)) as visit:
            try:
                for kind, finding in (*_seen(visit), ("disk_low", disk)):
                    _tell(visit, kind, finding)
            except TieoutError as error:  # one tenant's trouble hides no other's
                LOG.warning("%s is not watched: %s", tenant.slug, error)


def _seen(visit: Visit) -> Iterator[tuple[str, Finding]]:
    yield "sync_failed", _failure(visit)
    is_new = visit.now - visit.tenant.created_at < NEW_FOR
    yield "sync_late", WELL if is_new else freshness(visit)
    yield "limit_near", limits(visit)
    yield "webhook_disabled", _webhooks(visit)


def _failure(visit: Visit) -> Finding:
    """A run that failed of what does not pass by itself."""
    with visit.office.store.read() as session:
        newest = next(iter(runs.recent_runs(session, visit.tenant.id, limit=1)), None)
    if newest is None or newest.status != "failed":
        return WELL
    kind = getattr(bill_errors, newest.error_kind or "", None)
    return WELL if getattr(kind, "transient", False) else last_run(visit)


def _webhooks(visit: Visit) -> Finding:
    """Whether BILL still tells of changes; it is asked four times an hour."""
    with visit.office.store.read() as session:
        known = session.get(WebhookSubscription, visit.tenant.id)
    if known and is_look_due(known, visit.office):
        look(visit.office, visit.client, known)
    finding = webhooks(visit)
    return finding if finding.state is State.FAILED else WELL


def _tell(visit: Visit, kind: str, finding: Finding) -> None:
    with visit.office.store.begin() as session:
        if finding.state in {State.WARNING, State.FAILED}:
            sentence = f"{visit.tenant.slug}: {finding.saw}. To mend it: {finding.fix}."
            alerts.raise_alert(session, visit.tenant.id, kind, sentence, visit.now)
        else:
            alerts.clear(session, visit.tenant.id, kind, visit.now)
