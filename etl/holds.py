"""For whom not to dispatch: one rule a tenant, and what people said of customers instead.

The rule is the tenant's own (`tieout holds rule`), or else that of its FleetFlow mapping.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from etl.billing.hold_rule import HoldRule, Override, Standing
from etl.errors import UsageError
from etl.fleetflow.hold_list import Holding, hold_list
from etl.fleetflow.mapping import mapping_from
from etl.reading import today_of
from etl.store import hold_overrides
from etl.store.access import Grant
from etl.store.models import FleetLink, HoldOverride
from etl.warehouse.snapshot import Snapshot

__all__ = ["Holds", "demand_rule", "holds_on"]


@dataclass(frozen=True, slots=True)
class Holds:
    """What decides on a day: the rule, None where there is none, and overrides by customer.

    `place` is another wherever the list of a snapshot could be another.
    """

    rule: HoldRule | None
    overrides: Mapping[str, Override]
    day: date
    newest: int

    def listed(self, snapshot: Snapshot, customer: str | None = None) -> list[Holding]:
        """Every customer with something open, and those that are held by hand, the latest first; or
        one customer alone."""
        return hold_list(snapshot, self.rule or HoldRule(), self.day, self.overrides, customer)

    def place(self, seq: int) -> str:
        """Names what the list is made of."""
        return hashlib.sha256(f"{seq} {self}".encode()).hexdigest()[:40]


def holds_on(session: Session, grant: Grant, day: date) -> Holds:
    """What decides who is held at the end of a day."""
    tenant_id = grant.tenant_id
    found = hold_overrides.on_day(session, tenant_id, day, lambda at: today_of(grant, at))
    overrides = {customer_id: _override(row) for customer_id, row in found.items()}
    newest = hold_overrides.newest_id(session, tenant_id)
    return Holds(_rule(session, grant), overrides, day, newest)


def _override(row: HoldOverride) -> Override:
    standing: Standing = "hold" if row.standing == "hold" else "clear"
    return Override(standing, row.set_by, row.until, row.reason)


def _rule(session: Session, grant: Grant) -> HoldRule | None:
    if grant.preferences.hold_rule:
        return HoldRule(**dict(grant.preferences.hold_rule))
    link = session.get(FleetLink, grant.tenant_id)
    section = mapping_from(link.mapping).hold if link else None
    return section.rule() if section else None


def demand_rule(holds: Holds) -> None:
    """UsageError where nothing decides who is held."""
    if holds.rule is None and not holds.overrides:
        raise UsageError(
            "There is no rule for holding anybody: set one with tieout holds rule, or [hold] in "
            "FleetFlow's mapping."
        )
