"""BILL's customers, found by what FleetFlow calls them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Customers", "Known", "customers_of"]

By = Literal["id", "account_number"]


@dataclass(frozen=True, slots=True)
class Known:
    """A customer of BILL's."""

    customer_id: str
    name: str
    currency: str
    account_number: str
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Customers:
    """All customers by what FleetFlow calls them."""

    found: Mapping[str, list[Known]]

    def of(self, name: str) -> tuple[Known | None, str | None]:
        """A customer, or why it is none that can be billed."""
        known = self.found.get(name, [])
        if not known:
            return None, "BILL has no such customer"
        active = [one for one in known if not one.is_archived]
        if not active:
            return known[0], "its customer is archived"
        if len(active) > 1:
            return None, f"{len(active)} customers have this account number"
        return active[0], None


def customers_of(snapshot: Snapshot, by: By) -> Customers:
    """A snapshot's customers, by BILL's id or by account number."""
    found: dict[str, list[Known]] = {}
    for row in snapshot.rows(read_sql("fleetflow/sql/customers.sql")):
        known = Known(*row)
        name = known.customer_id if by == "id" else known.account_number
        if name:
            found.setdefault(name, []).append(known)
    return Customers(found)
