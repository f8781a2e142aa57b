"""A book from files: NDJSON in BILL's response shape, served back to the letter."""

from collections.abc import Iterator
from pathlib import Path

from billcom.sandbox.arithmetic import number
from billcom.sandbox.bank_accounts import VERIFIED
from billcom.sandbox.book import Book
from billcom.sandbox.clock import Clock
from billcom.sandbox.registers import CLASSIFICATIONS, PAYMENT_TERMS
from billcom.sandbox.resources import RESOURCES
from billcom.sandbox.table import Table
from billcom.sandbox.wire import NotJsonError, Record, decode, rows
from billcom.sandbox.world import World, empty_tenant

LOADABLE = (*RESOURCES, PAYMENT_TERMS, *CLASSIFICATIONS)


class LoadError(Exception):
    """A file cannot be served; the message is one sentence that says which and why."""


def loaded_world(directory: Path, clock: Clock, seed: int = 0) -> World:
    """A world of one tenant with the records of the files in `directory`, named after the
    resources in LOADABLE, any of which may be absent. `seed` decides the ids of what is created
    later. Raises LoadError.
    """
    tenant = empty_tenant("loaded", "Loaded book", clock, seed)
    book = tenant.book
    files = {directory / resource.file: book.tables[resource.name] for resource in LOADABLE}
    if not any(path.is_file() for path in files):
        raise LoadError(f"There is no {', '.join(path.name for path in files)} in {directory}.")
    for path, table in files.items():
        if path.is_file():
            _fill(table, path)
    _infer(book)
    return World([tenant], clock)


def _fill(table: Table, path: Path) -> None:
    for position, line in _lines(path):
        where = f"{path.name}, line {position}"
        record = _record(line, where)
        if record["id"] in table:
            raise LoadError(f"{where} repeats the id {record['id']}.")
        table.put(record, written=line)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path.name} cannot be read: {error.strerror}.") from error
    for position, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield position, line.strip()


def _record(line: bytes, where: str) -> Record:
    try:
        record = decode(line)
    except NotJsonError as error:
        raise LoadError(f"{where} is {error}.") from error
    if not isinstance(record, dict):
        raise LoadError(f"{where} is not a JSON object.")
    if not isinstance(record.get("id"), str) or not record["id"]:
        raise LoadError(f"{where} has no id.")
    return record


def _infer(book: Book) -> None:
    """Work out what the records imply and no file says: rates, bank accounts, links."""
    for invoice in book.invoices.values():
        _infer_rates(book, invoice)
    claimed: set[str] = set()
    for payment in book.payments.values():
        _infer_account(book, payment)
        for position, part in enumerate(rows(payment, "invoicePayments")):
            link_id = _link_id(book, payment, part, claimed)
            if link_id is not None:
                claimed.add(link_id)
                book.links[payment["id"], position] = link_id


def _infer_rates(book: Book, invoice: Record) -> None:
    if "salesTaxItemId" in invoice and "salesTaxPercentage" in invoice:
        book.tax_rates[invoice["salesTaxItemId"]] = number(invoice, "salesTaxPercentage")
    currency = book.customers.get(invoice.get("customerId", ""), {}).get("invoiceCurrency")
    if currency and "exchangeRate" in invoice:
        book.exchange_rates[currency] = number(invoice, "exchangeRate")


def _infer_account(book: Book, payment: Record) -> None:
    account = payment.get("fundingAccount") or {}
    if account.get("type") == "BANK_ACCOUNT" and "id" in account and "customerId" in payment:
        record = {"id": account["id"], "archived": False, "status": VERIFIED}
        book.bank_accounts.put(payment["customerId"], record)


def _link_id(book: Book, payment: Record, part: Record, claimed: set[str]) -> str | None:
    """The entry of the invoice's payments that this part of a payment most likely is."""
    invoice = book.invoices.get(part.get("invoiceId", ""), {})
    alike = [
        entry
        for entry in rows(invoice, "payments")
        if entry.get("id") not in {None, *claimed}
        and entry.get("amount") == part.get("amount")
        and entry.get("status") == payment.get("status")
    ]
    same_day = [entry for entry in alike if entry.get("date") == part.get("paymentDate")]
    return next((str(entry["id"]) for entry in same_day + alike), None)
