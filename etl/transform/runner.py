"""Runs the SQL from raw records to ledger, marts and checks, in the order of the tables below."""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache

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


def build_marts(connection: Connection, *, seq: int, run_id: int) -> None:
    """Fills the attached snapshot with marts and details."""
    for name, sql in ordered_sql("transform/marts"):
        connection.execute(sql, {"seq": seq, "run_id": run_id} if name == "about" else None)


def held(connection: Connection) -> tuple[int, int]:
    """How many versions the history holds, and the newest run that added one (0: none)."""
    versions, newest_run, *_ = _content(connection)
    return versions, newest_run


def _content(connection: Connection) -> tuple[int, ...]:
    (found,) = connection.execute(read_sql("transform/content.sql")).fetchall()
    return found


def fingerprint(connection: Connection, facts: Facts) -> str:
    """What a snapshot is made of: the records held, the SQL, and the tenant's settings.

    Equal fingerprints give equal snapshots, so nothing has to be published again.
    """
    parts = [*map(str, _content(connection)), _sql_version(), *map(str, asdict(facts).values())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _sql_version() -> str:
    folders = ("staging", "ledger", "marts", "checks", "tie_out")
    texts = [sql for folder in folders for _, sql in ordered_sql(f"transform/{folder}")]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
