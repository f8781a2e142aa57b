"""The dispatch hold list: every customer with something open, and whether to dispatch for it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.billing.hold_rule import HoldRule, Override, Standing
from etl.money import rounded
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Holding", "digest_of", "event_body", "hold_list"]


@dataclass(frozen=True, slots=True)
class Holding:
    """A customer's standing, and what it owes in a currency; `unpaid` invoices are overdue ones."""

    customer_id: str
    account_number: str
    customer: str
    standing: Standing
    reason: str
    unpaid: int
    days_late: int
    overdue_amount: Decimal
    open_amount: Decimal
    currency: str

    def as_json(self) -> dict[str, Any]:
        """With amounts as texts."""
        return {
            name: format(value, "f") if isinstance(value, Decimal) else value
            for name in self.__slots__
            for value in (getattr(self, name),)
        }


def hold_list(
    snapshot: Snapshot,
    rule: HoldRule,
    as_of: date,
    overrides: Mapping[str, Override],
    customer: str | None = None,
) -> list[Holding]:
    """Every customer with an open invoice on a day, the latest first, judged by the rule unless
    somebody said otherwise; and after them those without one that are held all the same. Of one
    `customer` alone where one is given."""
    asked = {"as_of": as_of, "customer": customer}
    found = snapshot.rows(read_sql("fleetflow/sql/unpaid_fees.sql"), asked)
    owing = {row[0] for row in found}
    named = [name for name, said in overrides.items() if said.standing == "hold"]
    wanted = [name for name in named if customer in {None, name}]
    others = {"ids": [name for name in wanted if name not in owing]}
    if others["ids"]:
        found += snapshot.rows(read_sql("fleetflow/sql/named_customers.sql"), others)
    return [_holding(rule, overrides.get(row[0]), *row) for row in found]


def _holding(
    rule: HoldRule,
    override: Override | None,
    customer_id: str,
    account_number: str,
    customer: str,
    currency: str,
    *counts_and_amounts: Any,
) -> Holding:
    unpaid, days_late, overdue, owed = counts_and_amounts
    standing, reason = override.judged() if override else rule.judge(unpaid, days_late)
    amounts = (rounded(overdue, currency), rounded(owed, currency))
    who = (customer_id, account_number, customer)
    return Holding(*who, standing, reason, unpaid, days_late, *amounts, currency)


def digest_of(listed: Sequence[Holding]) -> str:
    """Of who is held and who is watched: it changes when somebody's standing does."""
    standings = sorted({(one.customer_id, one.standing) for one in listed})
    told = [pair for pair in standings if pair[1] != "clear"]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def event_body(tenant: str, seq: int, as_of: date, listed: Sequence[Holding], at: datetime) -> str:
    """What the webhook tells: all who are held or watched; whoever is not named is clear."""
    named = [one.as_json() for one in listed if one.standing != "clear"]
    data = {"tenant": tenant, "as_of": as_of.isoformat(), "snapshot": seq, "customers": named}
    event = {"type": "hold_list.changed", "timestamp": at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
