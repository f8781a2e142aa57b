"""A million invoices in, ten thousand changed, and the way to a published snapshot."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import dlt
import duckdb

from etl.extract.land import prepare
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import Connection, open_work
from tests.bench.book import BookFiles, changed_pages, pages_of, written_book
from tests.bench.figures import tell, timed
from tests.bench.landing import land, land_book, publish, transform

INVOICES, CHANGED, DLT_RECORDS, ROUNDS = 1_000_000, 10_000, 20_000, 5
TYPES = {
    "id": "VARCHAR",
    "archived": "BOOLEAN",
    "recordStatus": "VARCHAR",
    "invoiceNumber": "VARCHAR",
    "invoiceDate": "DATE",
    "dueDate": "DATE",
    "paymentTermId": "VARCHAR",
    "customerId": "VARCHAR",
    "totalAmount": "DECIMAL(19,4)",
    "dueAmount": "DECIMAL(19,4)",
    "scheduledAmount": "DECIMAL(19,4)",
    "creditAmount": "DECIMAL(19,4)",
    "status": "VARCHAR",
    "createdBy": "VARCHAR",
    "createdTime": "TIMESTAMPTZ",
    "updatedTime": "TIMESTAMPTZ",
    "invoiceLineItems": (
        "STRUCT(id VARCHAR, description VARCHAR, price DECIMAL(19,4), quantity DECIMAL(15,4),"
        " classifications STRUCT(departmentId VARCHAR, itemId VARCHAR))[]"
    ),
    "payToChartOfAccountId": "VARCHAR",
    "payments": "STRUCT(id VARCHAR, amount DECIMAL(19,4), status VARCHAR, date DATE)[]",
    "salesTaxTotal": "DECIMAL(19,4)",
    "enableCardPayment": "BOOLEAN",
    "convenienceFee": "STRUCT(percentage DECIMAL(9,4))",
    "invoicePdfId": "VARCHAR",
}

NESTED = """
    create table invoices as
    select unnest(results, max_depth := 2)
    from read_json(
        [{files}],
        format = 'newline_delimited',
        columns = {{'nextPage': 'VARCHAR', 'results': 'STRUCT({fields})[]'}}
    )
"""
LINES = """
    create table lines as
    select id as invoice_id, unnest(invoiceLineItems, recursive := true) from invoices
"""


def run(folder: Path) -> None:
    """A million invoices with two or three lines each, as pages of a hundred, to a flushed file:
    landed with their history, beside DuckDB's bare typed read_json of the same pages (to invoices
    with their lines within, and to invoices and lines) and dlt's default load of the first 20,000;
    then 10,000 changed ones on top, and the way to a published snapshot."""
    book = written_book(folder / "book", INVOICES)
    _ingest(folder, book)
    kept = TenantFolder(folder / "kept")
    with open_work(kept) as connection:
        prepare(connection)
        land_book(connection, book)
        runs = range(2, 2 + ROUNDS)
        merged = [timed(partial(_change, connection, run_id)) for run_id in runs]
        tell(
            "10,000 changes made ready and landed on a million",
            f"{median(merged):.2f} s",
            "under 3 s",
        )
        built, published = [], []
        for run_id in runs:
            built.append(timed(partial(transform, connection)))
            published.append(timed(partial(publish, connection, kept, run_id)))
        tell("staging, ledger and checks of all", f"{median(built):.1f} s")
        tell("marts and snapshot of all: publish", f"{median(published):.1f} s")


def _change(connection: Connection, run_id: int) -> None:
    land(connection, "invoices", changed_pages(CHANGED, INVOICES, 100 * run_id), run_id)


def _ingest(folder: Path, book: BookFiles) -> None:
    ways: dict[str, Callable[[], float]] = {
        "ours": lambda: INVOICES / _ours(folder / "ours", book),
        "nested": lambda: INVOICES / _bare(folder / "bare.duckdb", book, NESTED),
        "bare": lambda: INVOICES / _bare(folder / "bare.duckdb", book, NESTED, LINES),
        "dlt": lambda: DLT_RECORDS / _dlt(folder / "dlt", book),
    }
    rates = {name: median(way() for _ in range(ROUNDS)) for name, way in ways.items()}
    ours, nested, bare, loaded = (rates[way] for way in ("ours", "nested", "bare", "dlt"))
    tell("invoices a second, landed with history", f"{ours:,.0f}")
    tell("invoices a second, bare read_json, lines within", f"{nested:,.0f}")
    tell("invoices a second, bare read_json to invoices and lines", f"{bare:,.0f}")
    tell("invoices a second, dlt's default load", f"{loaded:,.0f}")
    tell("ours to bare read_json, lines within", f"{ours / nested:.2f}")
    tell("ours to bare read_json to invoices and lines", f"{ours / bare:.2f}", "at least 0.33")
    tell("ours to dlt", f"{ours / loaded:.0f} ×", "at least 30 ×")


def _ours(folder: Path, book: BookFiles) -> float:
    with open_work(TenantFolder(folder)) as connection:
        prepare(connection)
        pages = pages_of(book.pages("invoices"))
        seconds = timed(lambda: _landed(connection, pages))
        ((count,),) = connection.execute("select count(*) from raw_records").fetchall()
    assert count == INVOICES
    shutil.rmtree(folder)
    return seconds


def _landed(connection: Connection, pages: Iterator[str]) -> None:
    land(connection, "invoices", pages, 1)
    connection.execute("checkpoint").fetchall()


def _bare(file: Path, book: BookFiles, *steps: str) -> float:
    fields = ", ".join(f'"{name}" {kind}' for name, kind in TYPES.items())
    files = ", ".join(f"'{path}'" for path in book.pages("invoices"))
    connection = duckdb.connect(str(file))
    connection.execute("set enable_progress_bar = false")
    statements = [step.format(files=files, fields=fields) for step in (*steps, "checkpoint")]

    def run() -> None:
        for statement in statements:
            connection.execute(statement).fetchall()

    seconds = timed(run)
    connection.close()
    file.unlink()
    return seconds


def _dlt(folder: Path, book: BookFiles) -> float:
    with book.records("invoices")[0].open(encoding="utf-8") as lines:
        records = [json.loads(next(lines)) for _ in range(DLT_RECORDS)]
    folder.mkdir()
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="bill",
    )
    seconds = timed(lambda: pipeline.run(records, table_name="invoices"))
    shutil.rmtree(folder)
    return seconds
