"""What customers paid and when, of payments that BILL says are through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from etl.money import rounded
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Came", "payments_that_came"]


@dataclass(frozen=True, slots=True)
class Came:
    """A payment whose money came."""

    customer_id: str
    currency: str
    paid_on: date
    amount: Decimal


def payments_that_came(snapshot: Snapshot, customer_ids: Sequence[str], since: date) -> list[Came]:
    """Those of some customers from a day on, all in one question."""
    asked = {"customers": list(customer_ids), "since": since}
    return [
        Came(customer_id, currency, paid_on, rounded(amount, currency))
        for customer_id, currency, paid_on, amount in snapshot.rows(
            read_sql("metrics/sql/payments_that_came.sql"), asked
        )
    ]
