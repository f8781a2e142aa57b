"""Files attached to invoices and customers, the PDFs of invoices among them."""

import hashlib

from billcom.sandbox.errors import BusinessRuleError, InvalidRequestError, UnknownRecordError
from billcom.sandbox.pdfs import invoice_pdf
from billcom.sandbox.state import BookState, find
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record

MOST_BYTES = 6 * 1024 * 1024
_LONGEST_NAME = 255


def upload(
    state: BookState, owner_id: str, name: str | None, content: bytes, *, as_pdf: bool = False
) -> Record:
    """Attach a file to an invoice or a customer; it can be seen after the book's delay.

    With `as_pdf` it takes the place of the invoice's own PDF as well.
    """
    _demand_owner(state, owner_id)
    _demand_file(name, content)
    attachment_id = state.ids.new("att")
    record = {"id": attachment_id, "name": name, "createdTime": state.now_text()}
    state.contents[attachment_id] = content

    def appear() -> None:
        state.attachments.put(owner_id, record)
        invoice = state.invoices.get(owner_id)
        if as_pdf and invoice is not None:
            state.invoices.put({**invoice, "invoicePdfId": attachment_id})

    state.agenda.add(state.now() + state.attachment_delay, appear)
    return record


def listed(state: BookState, owner_id: str) -> Table:
    """What has been attached to an invoice or a customer; raises UnknownRecordError."""
    _demand_owner(state, owner_id)
    return state.attachments.of(owner_id)


def show(state: BookState, attachment_id: str) -> Record:
    """An attachment, or the PDF of an invoice."""
    if state.attachments.owner(attachment_id) is not None:
        return state.attachments.find(attachment_id)
    invoice = _with_pdf(state, attachment_id)
    name = f"Invoice_{invoice.get('invoiceNumber', invoice['id'])}.pdf"
    created = invoice.get("createdTime", state.now_text())
    return {"id": attachment_id, "name": name, "createdTime": created}


def remove(state: BookState, attachment_id: str) -> Record:
    """Delete an attachment; the PDF of an invoice stays."""
    if state.attachments.owner(attachment_id) is None:
        _with_pdf(state, attachment_id)
        raise BusinessRuleError("The PDF of an invoice cannot be deleted.")
    state.attachments.remove(attachment_id)
    state.contents.pop(attachment_id, None)
    for invoice in list(state.invoices.values()):
        if invoice.get("invoicePdfId") == attachment_id:
            kept = {name: value for name, value in invoice.items() if name != "invoicePdfId"}
            state.invoices.put(kept)
    return {"status": "SUCCESS"}


def content(state: BookState, attachment_id: str) -> bytes:
    """The bytes of what `show` shows."""
    show(state, attachment_id)
    if attachment_id in state.contents:
        return state.contents[attachment_id]
    invoice = _with_pdf(state, attachment_id)
    return invoice_pdf(invoice, state.customers.get(invoice.get("customerId", ""), {}))


def download_key(attachment_id: str) -> str:
    """What makes a download link hard to guess; the link needs no session."""
    return hashlib.sha256(f"download {attachment_id}".encode()).hexdigest()[:24]


def _with_pdf(state: BookState, attachment_id: str) -> Record:
    for invoice in state.invoices.values():
        if invoice.get("invoicePdfId") == attachment_id:
            return invoice
    raise UnknownRecordError(state.attachments.resource.label, attachment_id)


def _demand_owner(state: BookState, owner_id: str) -> None:
    find(state.invoices if owner_id.startswith("00e") else state.customers, owner_id)


def _demand_file(name: str | None, content: bytes) -> None:
    problems = []
    if not name or len(name) > _LONGEST_NAME or "/" in name:
        problems.append("name: must be a file name")
    if not content:
        problems.append("body: must not be empty")
    if len(content) > MOST_BYTES:
        problems.append(f"body: must be at most {MOST_BYTES} bytes")
    if problems:
        raise InvalidRequestError(problems)
