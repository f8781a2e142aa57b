"""Invoices: written, replaced, changed, archived, restored and sent by e-mail."""

from datetime import date, timedelta
from decimal import Decimal

from billcom.sandbox import credit_memos, customers, pdfs
from billcom.sandbox.arithmetic import invoice_total, number
from billcom.sandbox.errors import BusinessRuleError, DuplicateNumberError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.lines import merged_lines, read_classifications, read_lines, with_ids
from billcom.sandbox.state import BookState, Email, find, shelve, touched
from billcom.sandbox.values import day
from billcom.sandbox.wire import Record, rows

LINES = "invoiceLineItems"
_LINE_PREFIX = "00f"


def create(state: BookState, body: object) -> Record:
    """Write an invoice; the customer is named by id or made on the spot."""
    fields = Fields(body)
    new_customer = _read_customer(fields)
    given = _read(state, fields)
    lines = read_lines(fields, LINES, required=True)
    options = fields.child("processingOptions")
    send = options.flag("sendEmail") if options else None
    fields.check()
    named = (new_customer or {}).get("id")
    _demand_free_number(state, given.get("invoiceNumber"), customer_id=named)
    customer_id = _customer_id(state, new_customer)
    credit = _asked_credit(state, fields, customer_id)
    return write(state, customer_id, given, lines, credit=credit, send=bool(send))


def write(
    state: BookState,
    customer_id: str,
    given: Record,
    lines: list[Record],
    *,
    credit: Decimal | None = None,
    send: bool = False,
) -> Record:
    """Put a new invoice with these fields and lines, which have been checked, into the book."""
    invoice = _new(state, customer_id, given, with_ids(lines, state.ids, _LINE_PREFIX))
    stored = _store(state, invoice, credit)
    pdfs.expect(state, stored["id"])
    if send:
        _send(state, stored["id"], (state.customers[customer_id].get("email", ""),))
    return stored


def replace(state: BookState, invoice_id: str, body: object) -> Record:
    """Replace an invoice's lines, and the fields that are given."""
    invoice = find(state.invoices, invoice_id)
    fields = Fields(body)
    new_customer = _read_customer(fields)
    lines = read_lines(fields, LINES, required=True)
    given = _read(state, fields)
    fields.check()
    _demand_free_number(state, given.get("invoiceNumber"), ours=invoice)
    customer_id = _customer_id(state, new_customer)
    _demand_same_owner(invoice, customer_id)
    kept = merged_lines(rows(invoice, LINES), lines, adding=True)
    changed = {
        **invoice,
        **given,
        "customerId": customer_id,
        LINES: with_ids(kept, state.ids, _LINE_PREFIX),
    }
    stored = _store(state, changed, _asked_credit(state, fields, customer_id))
    state.rebalance(invoice.get("customerId"))
    return stored


def change(state: BookState, invoice_id: str, body: object) -> Record:
    """Change the fields that are given, and lines by their id."""
    invoice = find(state.invoices, invoice_id)
    fields = Fields(body)
    given = _read(state, fields)
    lines = read_lines(fields, LINES, required=False)
    fields.check()
    _demand_free_number(state, given.get("invoiceNumber"), ours=invoice)
    kept = merged_lines(rows(invoice, LINES), lines, adding=False)
    credit = _asked_credit(state, fields, invoice.get("customerId", ""))
    changed = {**invoice, **given}
    # An invoice loaded from elsewhere may lack its lines or which of them are taxed: only what
    # touches the sum works it out anew.
    if lines or "salesTaxItemId" in given or credit is not None:
        return _store(state, {**changed, LINES: kept}, credit)
    return state.invoices.put(touched(state, changed))


def set_archived(state: BookState, invoice_id: str, *, archived: bool) -> Record:
    """Archive or restore; what the customer owes follows."""
    paid = rows(find(state.invoices, invoice_id), "payments")
    if archived and paid and state.knobs.archive_paid == "refuse":
        raise BusinessRuleError("An invoice with payments cannot be archived.")
    invoice = shelve(state, state.invoices, invoice_id, archived=archived)
    state.rebalance(invoice.get("customerId"))
    return invoice


def email(state: BookState, invoice_id: str, body: object) -> None:
    """Send an invoice: the message is kept in the book's `emails`, nothing leaves."""
    find(state.invoices, invoice_id)
    fields = Fields(body)
    recipient = fields.child("recipient")
    if recipient is None:
        fields.problem("recipient", "must not be null")
    addresses = recipient.raw("to") if recipient else None
    if recipient and not _are_addresses(addresses):
        recipient.problem("to", "must be a list of email addresses")
    fields.check()
    _send(state, invoice_id, tuple(addresses or ()))


def next_number(state: BookState) -> str:
    """One more than the greatest invoice number that is a plain integer."""
    numbers = (i.get("invoiceNumber", "") for i in state.invoices.values())
    plain = [int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 16]
    return str(max(plain, default=1000) + 1)


def _new(state: BookState, customer_id: str, given: Record, lines: list[Record]) -> Record:
    zero = state.unit(customer_id) * 0
    today = state.today().isoformat()
    invoice = {
        "id": state.ids.new("00e"),
        "archived": False,
        "recordStatus": "ACTIVE",
        "invoiceNumber": next_number(state),
        "invoiceDate": today,
        **given,
    }
    invoice.setdefault("dueDate", _due_on(state, given, invoice["invoiceDate"]))
    rate = state.exchange_rates.get(state.customers[customer_id].get("invoiceCurrency", ""))
    return {
        **invoice,
        "customerId": customer_id,
        "creditAmount": zero,
        **without_gaps(exchangeRate=rate),
        "createdBy": state.user_id,
        "createdTime": state.now_text(),
        LINES: lines,
    }


def _due_on(state: BookState, given: Record, invoiced_on: str) -> str:
    days = state.days_due(given.get("paymentTermId"))
    if days is None:
        return state.today().isoformat()
    invoiced, last = day(invoiced_on), date.max - timedelta(days=days)
    return (min(invoiced, last) + timedelta(days=days)).isoformat()


def _store(state: BookState, invoice: Record, credit: Decimal | None) -> Record:
    customer_id = invoice.get("customerId", "")
    credited = {} if credit is None else {"creditAmount": credit}
    before = state.invoices.get(invoice["id"])
    amounts = state.balanced({**invoice, **_totals(state, invoice), **credited}, before)
    _demand_sound(state, amounts)
    if credit is not None:
        credit_memos.set_usage(state, customer_id, invoice["id"], credit)
    stored = state.invoices.put(touched(state, amounts))
    state.rebalance(customer_id)
    return stored


def _totals(state: BookState, invoice: Record) -> Record:
    if not invoice[LINES]:
        return {}
    rate = state.tax_rate(invoice.get("salesTaxItemId")) or Decimal(0)
    taxed = {"salesTaxPercentage": rate} if rate else {}
    unit = state.unit(invoice.get("customerId"))
    return {**invoice_total(invoice[LINES], rate, unit), **taxed}


def _demand_sound(state: BookState, invoice: Record) -> None:
    if number(invoice, "totalAmount") < 0:
        raise BusinessRuleError("An invoice cannot be negative; write a credit memo.")
    if number(invoice, "dueAmount") < 0 and state.knobs.total_below_paid == "refuse":
        raise BusinessRuleError("The total is less than what has been paid and credited.")


def _demand_same_owner(invoice: Record, customer_id: str) -> None:
    if invoice.get("customerId") != customer_id and (
        invoice.get("payments") or number(invoice, "creditAmount")
    ):
        raise BusinessRuleError("An invoice with payments or credits stays with its customer.")


def _demand_free_number(
    state: BookState,
    wanted: str | None,
    *,
    ours: Record | None = None,
    customer_id: str | None = None,
) -> None:
    # Who keeps the number it has may: those of recurring invoices are alike from the start.
    if wanted is None or (ours is not None and ours.get("invoiceNumber") == wanted):
        return
    owner_id = customer_id if ours is None else ours.get("customerId")
    scope = state.knobs.duplicate_number
    for invoice in state.invoices.values() if scope != "allow" else ():
        if scope == "customer" and invoice.get("customerId") != owner_id:
            continue
        if invoice.get("invoiceNumber") == wanted:
            raise DuplicateNumberError(invoice["id"])


def _read(state: BookState, fields: Fields) -> Record:
    tax_item = fields.text("salesTaxItemId")
    if tax_item is not None and state.tax_rate(tax_item) is None:
        fields.problem("salesTaxItemId", "is not a sales tax item")
    fee = fields.child("convenienceFee")
    return without_gaps(
        invoiceNumber=fields.text("invoiceNumber", longest=100),
        invoiceDate=fields.date("invoiceDate"),
        dueDate=fields.date("dueDate"),
        paymentTermId=fields.text("paymentTermId"),
        payToChartOfAccountId=fields.text("payToChartOfAccountId"),
        classifications=read_classifications(fields),
        salesTaxItemId=tax_item,
        enableCardPayment=fields.flag("enableCardPayment"),
        convenienceFee=fee and without_gaps(percentage=fee.number("percentage")),
    )


def _asked_credit(state: BookState, fields: Fields, customer_id: str) -> Decimal | None:
    unit = state.unit(customer_id)
    amount = fields.money("creditAmount", unit, least=unit * 0)
    fields.check()
    return amount


def _read_customer(fields: Fields) -> Record | None:
    if not fields.has("customer"):
        fields.problem("customer", "The customer field is required")
        return None
    if not isinstance(fields.raw("customer"), dict):
        fields.problem("customer", "Cannot construct instance of InvoiceCustomer from this value")
        return None
    named = fields.child("customer")
    if named is None or named.has("id"):
        return {"id": named.text("id", required=True)} if named else None
    return customers.read_customer(named, required=True)


def _customer_id(state: BookState, given: Record | None) -> str:
    if given is None or "id" not in given:
        return str(customers.add(state, given or {})["id"])
    if given["id"] not in state.customers:
        raise BusinessRuleError(f"There is no customer {given['id']} to invoice.")
    return str(given["id"])


def _send(state: BookState, invoice_id: str, recipients: tuple[str, ...]) -> None:
    state.emails.append(Email(invoice_id, recipients, state.now_text()))


def _are_addresses(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and "@" in one for one in value)
    )
