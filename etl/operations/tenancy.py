"""A tenant's connection and preferences; its credentials are never shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.errors import StoreError, UsageError
from etl.exchange.provider import host_of
from etl.operations.gate import Gate
from etl.operations.preferences import as_said, changes_of, contracts_of
from etl.store.access import Who
from etl.store.models import Tenant
from etl.store.preferences import Preferences
from etl.store.sessions import refusal_of
from etl.store.tenants import connection_of, find_tenant, may_be_written, prefer

__all__ = ["Connected", "Tenancy"]

BASES, NEEDS = ("due", "invoice"), ("optional", "required")


@dataclass(frozen=True, slots=True)
class Connected:
    """How a tenant is connected. `trouble` is what is wrong with its credentials, if anything;
    `rates_from` the host of its provider of exchange rates; `stops` the resources of which a run
    stops where BILL's answers change their form."""

    name: str
    environment: str
    address: str
    organization_id: str
    time_zone: str
    currency: str
    may_be_written: bool
    trouble: str | None
    rates_from: str | None
    preferences: Mapping[str, str]
    stops: Sequence[str]


class Tenancy:
    """What `tieout tenant show` and `tieout tenant set` tell and change."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def connected(self, who: Who, slug: str) -> Connected:
        """The connection as it is."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            tenant = session.get_one(Tenant, grant.tenant_id)
        known = grant.preferences
        return Connected(
            name=tenant.name,
            environment=tenant.environment,
            address=tenant.base_url,
            organization_id=tenant.organization_id,
            time_zone=tenant.time_zone,
            currency=tenant.currency,
            may_be_written=may_be_written(tenant),
            trouble=self._trouble(tenant),
            rates_from=self._rates_from(known),
            preferences=as_said(known),
            stops=_stops(known),
        )

    def prefer(
        self, who: Who, slug: str, said: Mapping[str, str], stops: Sequence[str] | None = None
    ) -> None:
        """Sets what is said of preferences, and of which resources a run stops (None: as it was);
        UsageError where it makes no sense."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.begin() as session:
            known = Preferences.from_json(find_tenant(session, slug).preferences)
            changes = _changed(known, said)
            if stops is not None and set(stops) != set(_stops(known)):
                changes["contracts"] = contracts_of(known, _modes(known, stops))
            if changes:
                prefer(session, slug, changes, at=self._gate.clock(), actor=grant.user)

    def _trouble(self, tenant: Tenant) -> str | None:
        try:
            _environment, credentials = connection_of(self._gate.box, tenant)
        except StoreError as error:
            return str(error)
        with self._gate.store.read() as session:
            return refusal_of(session, tenant.id, credentials, self._gate.clock())

    def _rates_from(self, known: Preferences) -> str | None:
        return host_of(self._gate.box.open(known.rates_url)) if known.rates_url else None


def _stops(known: Preferences) -> list[str]:
    return [name for name, mode in known.contracts if mode == "stop"]


def _modes(known: Preferences, stops: Sequence[str]) -> list[str]:
    """What `tieout tenant set --contract` would be given to come to these."""
    goes_on = set(_stops(known)) - set(stops)
    return [*(f"{name}=stop" for name in stops), *(f"{name}=accept" for name in goes_on)]


def _changed(known: Preferences, said: Mapping[str, str]) -> dict[str, object]:
    """What is said and is not so already; choices are checked, as a page may send anything."""
    usual = as_said(known)
    unknown = set(said) - set(usual)
    if unknown:
        raise UsageError(f"There is no preference “{min(unknown)}”.")
    for name, choices in (("aging_basis", BASES), ("second_factor", NEEDS)):
        if said.get(name, choices[0]) not in choices:
            raise UsageError(f"“{said[name]}” is no {name}: choose {' or '.join(choices)}.")
    return changes_of({name: text for name, text in said.items() if text != usual[name]})
