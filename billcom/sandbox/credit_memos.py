"""Credit memos: written, changed, and used up by invoices."""

from collections.abc import Sequence
from decimal import Decimal

from billcom.sandbox.arithmetic import memo_line_amounts, memo_status, number, rounded
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.lines import merged_lines, read_classifications, read_lines, with_ids
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record, rows

LINES = "creditMemoLineItems"
LINE_PREFIX = "ccl"


def create(state: BookState, body: object) -> Record:
    """Write a credit memo."""
    return state.credit_memos.put(drawn_up(state, Fields(body)))


def replace(state: BookState, memo_id: str, body: object) -> Record:
    """Replace a memo's fields and lines; lines sent with their id keep it."""
    return state.credit_memos.put(replaced(state, memo_id, Fields(body)))


def change(state: BookState, memo_id: str, body: object) -> Record:
    """Change the fields that are given, and lines by their id."""
    return state.credit_memos.put(changed(state, memo_id, Fields(body)))


def drawn_up(state: BookState, fields: Fields) -> Record:
    """A new memo, not in the book yet."""
    given = _read(state, fields, required=True)
    lines = read_lines(fields, LINES, required=True, by_rate=True)
    fields.check()
    find(state.customers, given["customerId"])
    now = state.now_text()
    memo = {
        "id": state.ids.new("ccr"),
        **given,
        "archived": False,
        "appliedAmount": state.unit(given["customerId"]) * 0,
        LINES: with_ids(lines, state.ids, LINE_PREFIX),
        "usage": [],
        "createdTime": now,
    }
    return touched(state, _totalled(state, memo))


def replaced(state: BookState, memo_id: str, fields: Fields) -> Record:
    """The memo as it will be, not in the book yet."""
    memo = find(state.credit_memos, memo_id)
    given = _read(state, fields, required=True)
    lines = read_lines(fields, LINES, required=True, by_rate=True)
    fields.check()
    kept = with_ids(merged_lines(rows(memo, LINES), lines, adding=True), state.ids, LINE_PREFIX)
    return _settled(state, {**memo, **given, LINES: kept})


def changed(state: BookState, memo_id: str, fields: Fields) -> Record:
    """The memo with the given fields changed, not in the book yet."""
    memo = find(state.credit_memos, memo_id)
    given = _read(state, fields, required=False)
    lines = read_lines(fields, LINES, required=False, by_rate=True)
    fields.check()
    kept = merged_lines(rows(memo, LINES), lines, adding=False)
    # A memo loaded from elsewhere may lack its lines: only what touches the sum works it out anew.
    if lines or "salesTaxItemId" in given:
        return _settled(state, {**memo, **given, LINES: kept})
    return touched(state, {**memo, **given})


def set_usage(state: BookState, customer_id: str, invoice_id: str, wanted: Decimal) -> None:
    """Let the customer's open memos, oldest first, give exactly `wanted` to the invoice."""
    used = sum((_used_by(memo, invoice_id) for memo in state.credit_memos.values()), Decimal(0))
    if wanted > used:
        _apply(state, customer_id, invoice_id, wanted - used)
    elif wanted < used:
        _release(state, invoice_id, used - wanted)


def _apply(state: BookState, customer_id: str, invoice_id: str, wanted: Decimal) -> None:
    memos = [m for m in state.credit_memos.values() if _is_open(m, customer_id)]
    if sum((_left(memo) for memo in memos), Decimal(0)) < wanted:
        raise BusinessRuleError("The customer's open credit memos do not cover the credit amount.")
    for memo in sorted(memos, key=lambda m: (m.get("creditDate", ""), m["id"])):
        part = min(_left(memo), wanted)
        if part > 0:
            _use(state, memo, invoice_id, part)
        wanted -= part


def _release(state: BookState, invoice_id: str, surplus: Decimal) -> None:
    memos = [m for m in state.credit_memos.values() if _used_by(m, invoice_id) > 0]
    for memo in sorted(memos, key=lambda m: (m.get("creditDate", ""), m["id"]), reverse=True):
        part = min(_used_by(memo, invoice_id), surplus)
        if part > 0:
            _use(state, memo, invoice_id, -part)
        surplus -= part


def _use(state: BookState, memo: Record, invoice_id: str, amount: Decimal) -> None:
    now_used = _used_by(memo, invoice_id) + amount
    others = [u for u in rows(memo, "usage") if u.get("invoiceId") != invoice_id]
    mine = [{"invoiceId": invoice_id, "amount": now_used}] if now_used > 0 else []
    applied = number(memo, "appliedAmount") + amount
    status = memo_status(number(memo, "amount"), applied)
    used = {**memo, "appliedAmount": applied, "status": status, "usage": others + mine}
    state.credit_memos.put(touched(state, used))


def _is_open(memo: Record, customer_id: str) -> bool:
    return memo.get("customerId") == customer_id and not memo.get("archived") and _left(memo) > 0


def _left(memo: Record) -> Decimal:
    return number(memo, "amount") - number(memo, "appliedAmount")


def _used_by(memo: Record, invoice_id: str) -> Decimal:
    uses = (use for use in rows(memo, "usage") if use.get("invoiceId") == invoice_id)
    return sum((number(use, "amount") for use in uses), Decimal(0))


def _settled(state: BookState, memo: Record) -> Record:
    totalled = _totalled(state, memo)
    if number(totalled, "amount") < number(totalled, "appliedAmount"):
        raise BusinessRuleError("More than the new amount of the credit memo has been applied.")
    return touched(state, totalled)


def _totalled(state: BookState, memo: Record) -> Record:
    unit = state.unit(memo.get("customerId"))
    amounts = memo_line_amounts(memo[LINES], unit)
    lines = [{**line, "amount": a} for line, a in zip(memo[LINES], amounts, strict=True)]
    tax = _tax(memo, lines, unit)
    amount = sum(amounts, unit * 0) + tax
    status = memo_status(amount, number(memo, "appliedAmount"))
    return {**memo, "amount": amount, "salesTaxTotal": tax, "status": status, LINES: lines}


def _tax(memo: Record, lines: Sequence[Record], unit: Decimal) -> Decimal:
    taxable = sum((line["amount"] for line in lines if line.get("taxable")), unit * 0)
    return rounded(taxable * number(memo, "salesTaxPercentage") / 100, unit)


def _read(state: BookState, fields: Fields, *, required: bool) -> Record:
    tax_item = fields.text("salesTaxItemId")
    if tax_item is not None and state.tax_rate(tax_item) is None:
        fields.problem("salesTaxItemId", "is not a sales tax item")
    accounts = [n for n in ("payToChartOfAccountId", "payToBankAccountId") if fields.has(n)]
    if len(accounts) == 2:
        fields.problem("payToBankAccountId", "excludes payToChartOfAccountId")
    return without_gaps(
        customerId=fields.text("customerId", required=required),
        referenceNumber=fields.text("referenceNumber", required=required, longest=100),
        creditDate=fields.date("creditDate", required=required),
        description=fields.text("description"),
        classifications=read_classifications(fields),
        salesTaxItemId=tax_item,
        salesTaxPercentage=state.tax_rate(tax_item),
        **{name: fields.text(name) for name in accounts},
    )
