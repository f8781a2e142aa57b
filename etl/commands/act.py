"""`tieout act`: proposes one action, and carries it out at once where nobody has to approve it."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from etl.acting import proposing
from etl.acting.books import bill_book, first_of, published_book
from etl.actions.facts import Book
from etl.back_office import BackOffice
from etl.commands.outbox import granted, show
from etl.commands.shared import back_office, json_option
from etl.errors import NoSnapshotError, UsageError
from etl.jobs.dispatch_outbox import dispatch_tenant
from etl.reading import Reader
from etl.store import outbox
from etl.store.access import Grant, Permission
from etl.store.models import OutboxRow, Tenant

__all__ = ["act"]

WAITED_S = 30  # for another process that carries it out


@click.command()
@click.argument("action")
@click.option("--tenant", "slug", required=True, help="Whose book.")
@click.option(
    "--input",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A JSON file: BILL's request body, and id for what exists; - for standard input.",
)
@click.option("--key", help="Names the action: the same key and input again are the same one.")
@click.option("--as", "email", help="Act as this user of the tenant.")
@json_option
def act(
    action: str, slug: str, file: Path, key: str | None, email: str | None, as_json: bool
) -> None:
    """Do an ACTION, such as invoice.create, to a tenant's book: once, however often it is asked."""
    office = back_office()
    effect = proposing.wanted(action, _read(file), _checked_key(key))
    tenant, grant = granted(office, slug, email, Permission.ACT)
    with _book(office, tenant, grant) as book:
        row = proposing.propose(office.store, grant, book, effect, at=office.clock())
    if row.status in outbox.OPEN:
        row = _carried_out(office, tenant, grant, row)
    show(grant, row, is_json=as_json)


def _read(file: Path) -> dict[str, Any]:
    try:
        text = click.open_file(str(file), encoding="utf-8").read()
        given = json.loads(text, parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is not JSON that can be read: {error}.") from None
    if not isinstance(given, dict):
        raise UsageError(f"{file} holds no JSON object: give the action's input as one.")
    return given


def _checked_key(key: str | None) -> str:
    if key is None:
        return uuid.uuid4().hex
    if not 0 < len(key) <= 80 or not key.isprintable():
        raise UsageError("A key has 1 to 80 printable characters.")
    return key


@contextmanager
def _book(office: BackOffice, tenant: Tenant, grant: Grant) -> Iterator[Book]:
    """What was last read, and BILL for what came since."""
    reader = Reader(office.settings, office.store)
    with office.client_of(tenant, is_urgent=True) as client:
        bill = bill_book(client, tenant, office.clock())
        try:
            known = published_book(reader, grant, office.clock())
        except NoSnapshotError:
            yield bill
            return
        yield first_of(known, bill)


def _carried_out(office: BackOffice, tenant: Tenant, grant: Grant, row: OutboxRow) -> OutboxRow:
    """The row after its turn here, or in the process that was quicker."""
    until = time.monotonic() + WAITED_S
    dispatch_tenant(office, tenant.id, only=row.id)
    while True:
        with office.store.read() as session:
            row = outbox.find_receipt(session, grant, row.receipt)
        if row.status != "dispatching" or time.monotonic() >= until:
            return row
        office.sleep(0.2)
