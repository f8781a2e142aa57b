"""Runs the SQL from raw records to ledger, marts and checks, in the order of the tables below."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from etl.exchange.rate import Rate
from etl.money import EXPONENTS
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import ordered_sql, read_sql

__all__ = ["CheckResult", "Facts", "build_marts", "fingerprint", "run_checks", "transform"]

# Each table is built of the ones above it.
TABLES = (
    "staging/stg_customers",
    "staging/stg_invoice_versions",
    "staging/stg_invoices",
    "staging/stg_payment_versions",
    "staging/stg_credit_memo_versions",
    "staging/stg_recurring_invoice_versions",
    "ledger/macros",
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
SUBJECTS_KEPT = 20


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: nothing when `count` is 0. `findings` are its first rows."""

    check: str
    count: int
    findings: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return self.count == 0

    def as_json(self) -> dict[str, Any]:
        """As kept with the run."""
        return asdict(self)


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
    connection: Connection, *, seq: int, run_id: int, rates: Sequence[Rate] = ()
) -> None:
    """Fills the attached snapshot with marts, details and the exchange rates there are."""
    connection.execute(read_sql("transform/staging/recorded_rates.sql"), _columns(rates))
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


def run_checks(connection: Connection) -> list[CheckResult]:
    """Every check, in the order of their names."""
    results = []
    for name, sql in ordered_sql("transform/checks"):
        rows = connection.execute(sql).fetchall()
        findings = tuple((str(subject), str(what)) for subject, what in rows[:SUBJECTS_KEPT])
        results.append(CheckResult(name, len(rows), findings))
    return results


def fingerprint(connection: Connection, facts: Facts, rates: Sequence[Rate] = ()) -> str:
    """What a snapshot is made of: the records held, the SQL, the tenant's settings and its rates.

    Equal fingerprints give equal snapshots, so nothing has to be published again.
    """
    (row,) = connection.execute(read_sql("transform/content.sql")).fetchall()
    parts = [*map(str, row), _sql_version(), *map(str, asdict(facts).values()), *map(str, rates)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _sql_version() -> str:
    folders = ("staging", "ledger", "marts", "conversion", "checks")
    texts = [sql for folder in folders for _, sql in ordered_sql(f"transform/{folder}")]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
