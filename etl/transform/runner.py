"""Runs the SQL from raw records to ledger, marts and checks, in the order of the tables below."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from etl.billing.entered_reason import EnteredReason
from etl.exchange.rate import Rate
from etl.money import EXPONENTS
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import ordered_sql, read_sql

__all__ = ["Facts", "build_marts", "fingerprint", "held", "transform"]

# Each table is built of the ones above it.
TABLES = (
    "staging/stg_customers",
    "staging/stg_invoice_versions",
    "staging/stg_invoices",
    "staging/stg_payment_versions",
    "staging/stg_credit_memo_versions",
    "staging/stg_recurring_invoice_versions",
    "staging/stg_dimensions",
    "staging/stg_payment_terms",
    "ledger/macros",
    "staging/stg_lines",
    "ledger/invoice_entries",
    "ledger/payment_entries",
    "ledger/credit_entries",
    "ledger/ledger",
)
# Over the marts: what they come to in a reporting currency.
CONVERSION = (
    "conversion/daily_rates",
    "conversion/exchanged",
    "conversion/balances_on",
    "conversion/holdings",
    "conversion/ledger",
    "conversion/settlements",
    "conversion/customers",
    "conversion/unconverted",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the SQL needs to know of a tenant: its day, and what an invoice that says neither
    currency nor due date is taken to have."""

    tenant: str
    time_zone: str
    currency: str
    default_terms_days: int = 30


def transform(connection: Connection, facts: Facts) -> None:
    """Rebuilds staging and ledger from the raw records."""
    units = {"codes": list(EXPONENTS), "exponents": list(EXPONENTS.values())}
    connection.execute(read_sql("transform/staging/currencies.sql"), units)
    connection.execute(read_sql("transform/staging/tenant_facts.sql"), asdict(facts))
    for name in TABLES:
        connection.execute(read_sql(f"transform/{name}.sql"))


def build_marts(
    connection: Connection,
    *,
    seq: int,
    run_id: int,
    rates: Sequence[Rate] = (),
    reasons: Sequence[EnteredReason] = (),
) -> None:
    """Fills the attached snapshot with marts, details, the exchange rates there are, and the
    reasons of failed payments that people entered."""
    connection.execute(read_sql("transform/staging/recorded_rates.sql"), _columns(rates))
    entered = {
        "payments": [reason.payment_id for reason in reasons],
        "codes": [reason.code for reason in reasons],
    }
    connection.execute(read_sql("transform/staging/recorded_reasons.sql"), entered)
    for name, sql in ordered_sql("transform/marts"):
        connection.execute(sql, {"seq": seq, "run_id": run_id} if name == "about" else None)
    for name in CONVERSION:
        connection.execute(read_sql(f"transform/{name}.sql"))


def _columns(rates: Sequence[Rate]) -> dict[str, list[Any]]:
    return {
        "currencies": [rate.currency for rate in rates],
        "quotes": [rate.quote for rate in rates],
        "days": [rate.rate_on for rate in rates],
        "rates": [format(rate.rate, "f") for rate in rates],
        "sources": [rate.source for rate in rates],
    }


def held(connection: Connection) -> tuple[int, int]:
    """How many versions the history holds, and the newest run that added one (0: none)."""
    versions, newest_run, *_ = _content(connection)
    return versions, newest_run


def _content(connection: Connection) -> tuple[int, ...]:
    (found,) = connection.execute(read_sql("transform/content.sql")).fetchall()
    return found


def fingerprint(
    connection: Connection,
    facts: Facts,
    rates: Sequence[Rate] = (),
    reasons: Sequence[EnteredReason] = (),
) -> str:
    """What a snapshot is made of: the records held, the SQL, the tenant's settings, its rates and
    the reasons that were entered.

    Equal fingerprints give equal snapshots, so nothing has to be published again.
    """
    facts_told = map(str, asdict(facts).values())
    recorded = (*map(str, rates), *(f"reason {reason.reason_id}" for reason in reasons))
    parts = [*map(str, _content(connection)), _sql_version(), *facts_told, *recorded]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _sql_version() -> str:
    folders = ("staging", "ledger", "marts", "conversion", "checks", "tie_out")
    texts = [sql for folder in folders for _, sql in ordered_sql(f"transform/{folder}")]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
