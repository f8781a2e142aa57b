"""The way from pages to a published snapshot without a network, a step at a time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from billcom.paging import Page, page_from
from etl.extract.ahead import one_ahead
from etl.extract.bring_in import PAGES_A_COMMIT
from etl.extract.incoming import read_in
from etl.extract.land import Lander
from etl.extract.plan import PLAN
from etl.transform import runner
from etl.transform.checking import run_checks
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import Connection, build_snapshot, roomy
from tests.bench.book import BookFiles, pages_of

__all__ = ["RESOURCES", "land", "land_book", "publish", "transform"]

STEPS = {step.resource.name: step for step in PLAN}
RESOURCES = ("customers", "invoices", "receivable_payments")
FACTS = runner.Facts("bench", "UTC", "USD")


def land(connection: Connection, resource: str, bodies: Iterable[str], run_id: int) -> None:
    """Lands pages as a sync does: groups of them, the next made ready while one is landed."""
    lander, step = Lander(connection, "bench", run_id), STEPS[resource]
    for incoming in one_ahead(read_in(step, batch) for batch in _batches(bodies)):
        lander.land(step, incoming, datetime.now(UTC), advances=True)


def _batches(bodies: Iterable[str]) -> Iterator[list[Page]]:
    batch: list[Page] = []
    for body in bodies:
        batch.append(page_from(body))
        if len(batch) == PAGES_A_COMMIT:
            yield batch
            batch = []
    if batch:
        yield batch


def land_book(connection: Connection, book: BookFiles) -> None:
    """Lands all of a book as a first run."""
    for resource in RESOURCES:
        land(connection, resource, pages_of(book.pages(resource)), 1)


def transform(connection: Connection) -> None:
    """Staging and ledger, and every check."""
    with roomy(connection):
        runner.transform(connection, FACTS)
        run_checks(connection)


def publish(connection: Connection, folder: TenantFolder, seq: int) -> None:
    """The marts, into a snapshot that is whole, flushed and in its place."""
    with roomy(connection), build_snapshot(connection, folder, seq):
        runner.build_marts(connection, seq=seq, run_id=seq)
