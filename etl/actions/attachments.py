"""Files attached to an invoice."""

from billcom.resources import INVOICE_ATTACHMENTS
from billcom.traces import Effect
from etl.actions.action import Action, Preview
from etl.actions.facts import Book, known_invoice
from etl.actions.shapes import File
from etl.errors import UsageError

__all__ = ["ATTACHMENT_ACTIONS"]

LARGEST_BYTES = 6_000_000  # https://developer.bill.com/docs: attachments


def _add(given: File, book: Book) -> Preview:
    invoice = known_invoice(book, given.invoice_id)
    if not 0 < len(given.content) <= LARGEST_BYTES:
        raise UsageError("A file is attached that has content, and at most 6 MB of it.")
    sentence = f"BILL will attach {given.name} to invoice {invoice.number}."
    return Preview(sentence, invoice.id, invoice.number)


def _added(given: File, _mark: str) -> Effect:
    ids, params = {"invoice_id": given.invoice_id}, {"name": given.name}
    return Effect(INVOICE_ATTACHMENTS, "upload", ids, given.content, params)


ATTACHMENT_ACTIONS = (
    Action("attachment.add", File, _add, _added, "The file is attached in BILL."),
)
