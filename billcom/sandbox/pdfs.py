"""The PDF of an invoice: one page of text, there some minutes after the invoice."""

from billcom.sandbox.state import BookState
from billcom.sandbox.wire import Record, rows

_TOP, _LINE_HEIGHT, _MOST_LINES = 780, 16, 45


def expect(state: BookState, invoice_id: str) -> None:
    """Let the invoice's `invoicePdfId` appear in a while; its updatedTime stays."""
    pdf_id = state.ids.new("att")

    def appear() -> None:
        invoice = state.invoices[invoice_id]
        if "invoicePdfId" not in invoice:
            state.invoices.put({**invoice, "invoicePdfId": pdf_id})

    state.agenda.add(state.now() + state.attachment_delay, appear)


def invoice_pdf(invoice: Record, customer: Record) -> bytes:
    """The invoice as it stands, as a PDF of one page."""
    texts = [
        f"Invoice {invoice.get('invoiceNumber', '')}",
        f"To {customer.get('name', '')}",
        f"Date {invoice.get('invoiceDate', '')}, due {invoice.get('dueDate', '')}",
        *(_line_text(line) for line in rows(invoice, "invoiceLineItems")),
        f"Total {invoice.get('totalAmount', '')} {customer.get('invoiceCurrency', '')}",
        f"Due {invoice.get('dueAmount', '')}",
    ]
    return _document(_page(texts[:_MOST_LINES]))


def _line_text(line: Record) -> str:
    return f"{line.get('quantity', 1)} x {line.get('price', '')}  {line.get('description', '')}"


def _page(texts: list[str]) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _escaped(text) for text in texts)
    return b"BT /F1 11 Tf %d TL 60 %d Td\n%sET" % (_LINE_HEIGHT, _TOP, shown)


def _escaped(text: str) -> bytes:
    safe = text.encode("latin-1", "replace").replace(b"\\", b"\\\\")
    return safe.replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\n", b" ")


def _document(page: bytes) -> bytes:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        font,
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + xref + trailer
