"""Exchange rates from each tenant's provider, once a day, and saying when they run out."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.back_office import BackOffice
from etl.errors import TieoutError, UsageError
from etl.exchange.provider import USUAL, Patience, ask_provider, host_of
from etl.reading import today_of
from etl.store import alerts, rates
from etl.store.access import command_line_grant
from etl.store.models import Tenant
from etl.store.preferences import Preferences
from etl.store.tenants import all_tenants, find_tenant

__all__ = ["Fetched", "fetch_daily", "fetch_rates", "provider_of"]

LOG = logging.getLogger(__name__)
ACTOR = "schedule"
FETCH_FAILED, RATES_OLD = "rates_fetch_failed", "rates_old"
FIRST_REACH = timedelta(days=2 * 365)  # how far back a provider is first asked
LOOK_BACK = timedelta(days=7)  # and again, for what it corrected
OLD_AFTER_DAYS = 5  # longer than any weekend with holidays at both ends


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a provider gave: rates, those of them that were new, and the last day."""

    host: str
    count: int
    added: int
    newest_on: date


def provider_of(office: BackOffice, tenant: Tenant) -> str | None:
    """The address of a tenant's provider; it may hold secrets."""
    sealed = Preferences.from_json(tenant.preferences).rates_url
    return sealed and office.box.open(sealed)


def fetch_rates(
    office: BackOffice,
    slug: str,
    url: str | None = None,
    *,
    actor: str,
    patience: Patience = USUAL,
) -> Fetched:
    """Records what the provider at `url`, or the tenant's own, has; RatesError where that is none.

    UsageError where there is no provider.
    """
    with office.store.read() as session:
        tenant = find_tenant(session, slug)
        address = url or provider_of(office, tenant)
        if not address:
            raise UsageError(f"{slug} has no provider of rates yet: give one with --url.")
        last = rates.newest_day(session, tenant.id, source=host_of(address))
    today = today_of(command_line_grant(tenant), office.clock())
    since = last - LOOK_BACK if last else today - FIRST_REACH
    found = ask_provider(address, since=since, today=today, patience=patience)
    with office.store.begin() as session:
        added = rates.record_rates(session, tenant, found, at=office.clock(), actor=actor)
    return Fetched(host_of(address), len(found), added, max(rate.rate_on for rate in found))


def fetch_daily(office: BackOffice) -> None:
    """Asks every tenant's provider; what fails or has grown old is an alert until it is over."""
    with office.store.read() as session:
        tenants = all_tenants(session)
    for tenant in tenants:
        if Preferences.from_json(tenant.preferences).rates_url:
            _fetch(office, tenant)
        _tell_age(office, tenant)


def _fetch(office: BackOffice, tenant: Tenant) -> None:
    try:
        fetched = fetch_rates(office, tenant.slug, actor=ACTOR)
    except TieoutError as failure:
        _tell(office, tenant, FETCH_FAILED, f"Rates of {tenant.slug} were not fetched: {failure}")
    else:
        _tell(office, tenant, FETCH_FAILED, None)
        LOG.info("rates of %s: %d new from %s", tenant.slug, fetched.added, fetched.host)


def _tell_age(office: BackOffice, tenant: Tenant) -> None:
    with office.store.read() as session:
        newest = rates.newest_day(session, tenant.id)
    _tell(office, tenant, RATES_OLD, _age_told(tenant, newest, office.clock()))


def _age_told(tenant: Tenant, newest: date | None, now: datetime) -> str | None:
    today = today_of(command_line_grant(tenant), now)
    if newest is None or (today - newest).days <= OLD_AFTER_DAYS:
        return None
    return (
        f"The newest exchange rate of {tenant.slug} is of {newest}: bring in newer ones with "
        "tieout rates import or fetch, or documents go unconverted."
    )


def _tell(office: BackOffice, tenant: Tenant, kind: str, sentence: str | None) -> None:
    """Raises the alert, or ends it where there is nothing to say."""
    with office.store.begin() as session:
        if sentence:
            alerts.raise_alert(session, tenant.id, kind, sentence, office.clock())
        else:
            alerts.clear(session, tenant.id, kind, office.clock())
