"""What is in a tenant's files, comparable: without run numbers and times of observation."""

from typing import Any

from etl.back_office import BackOffice
from etl.settings import Settings
from etl.store.models import Base
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import Hub, Snapshot, open_work

QUERIES = {
    "enumerations": (
        "select resource, listed, held, not_listed, sums from enumerations order by all"
    ),
    "raw_records": (
        "select resource, bill_id, version, content_hash, payload from raw_records order by all"
    ),
    "raw_heads": "select columns(* exclude (record_updated_at)) from raw_heads order by all",
    "watermarks": "select resource, updated_to::timestamp from watermarks order by all",
}
PUBLISHED = {
    "ledger": "select columns(* exclude (observed_at)) from ledger order by all",
    "customers": "select customer_id, name, currency from customers order by all",
    "invoices": (
        "select columns(* exclude (observed_at, updated_at, created_at)) from invoices order by all"
    ),
    "payments": "select columns(* exclude (updated_at)) from payments order by all",
    "invoice_balances": "select * from invoice_balances order by all",
    "attempts": "select columns(* exclude (created_at)) from attempts order by all",
    "attempt_states": "select * from attempt_states order by all",
    "attempt_invoices": "select * from attempt_invoices order by all",
    "recurring_stretches": "select * from recurring_stretches order by all",
    "settlements": "select * from settlements order by all",
}


def dump(settings: Settings, slug: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a tenant: history, and the newest snapshot."""
    folder = folder_of(settings, slug)
    with open_work(folder) as connection:
        tables = {name: connection.execute(sql).fetchall() for name, sql in QUERIES.items()}
    newest = max(int(file.stem) for file in folder.snapshots.glob("*.duckdb"))
    hub = Hub(folder)
    snapshot = hub.snapshot(newest)
    tables |= published(snapshot)
    hub.close()
    return tables


def published(snapshot: Snapshot) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a snapshot."""
    return {name: snapshot.rows(sql) for name, sql in PUBLISHED.items()}


def kept_in(office: BackOffice) -> bytes:
    """All that the operational store holds, in rows and, where it is one, in its file."""
    files = office.settings.data_dir.glob("tieout.db*")
    kept = [file.read_bytes() for file in files]
    with office.store.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.exec_driver_sql(f"select * from {table.name}").all()
            kept.append(repr(rows).encode())
    return b"".join(kept)
