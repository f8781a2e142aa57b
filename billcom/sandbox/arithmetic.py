"""BILL's sums: lines, tax, what is due and what status follows. Decimal, halves rounded up."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billcom.sandbox.wire import Record, rows

_CENT = Decimal("0.01")
_WHOLE = Decimal(1)
_WITHOUT_CENTS = frozenset({"JPY", "KRW"})
_MOVED = frozenset({"PAID", "SCHEDULED"})


def quantum(currency: str | None) -> Decimal:
    """The smallest amount of a currency: a cent, or one where there are no cents."""
    return _WHOLE if currency in _WITHOUT_CENTS else _CENT


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """`amount` to the nearest `unit`, halves away from zero."""
    return amount.quantize(unit, ROUND_HALF_UP)


def number(record: Record, field: str) -> Decimal:
    """A numeric field; zero when the record lacks it."""
    value: Any = record.get(field)
    return Decimal(0) if value is None else Decimal(value)


def line_amount(line: Record, unit: Decimal) -> Decimal:
    """Quantity times price of one line. A line without a quantity counts once."""
    return rounded(Decimal(line.get("quantity", 1)) * number(line, "price"), unit)


def invoice_total(lines: Iterable[Record], percentage: Decimal, unit: Decimal) -> Record:
    """`totalAmount` and `salesTaxTotal` of lines taxed at `percentage` where they are taxable."""
    total = taxable = unit * 0
    for line in lines:
        amount = line_amount(line, unit)
        total += amount
        taxable += amount if line.get("taxable") else 0
    tax = rounded(taxable * percentage / 100, unit)
    return {"totalAmount": total + tax, "salesTaxTotal": tax}


def memo_line_amounts(lines: Sequence[Record], unit: Decimal) -> list[Decimal]:
    """A credit memo's line amounts; a `ratePercent` line takes its part of the lines above it."""
    amounts: list[Decimal] = []
    for line in lines:
        if "ratePercent" in line:
            share = sum(amounts, unit * 0) * number(line, "ratePercent") / 100
            amounts.append(rounded(share, unit))
        else:
            amounts.append(line_amount(line, unit))
    return amounts


def balanced(invoice: Record, before: Record | None = None) -> Record:
    """The invoice with `dueAmount`, `scheduledAmount` and `status` worked out anew.

    With `before`, amounts move by what changed since, so that a record loaded from elsewhere,
    whose payments may be incomplete, keeps the balance it came with.
    """
    due, scheduled = _due(invoice), _scheduled(invoice)
    if before is not None:
        due += number(before, "dueAmount") - _due(before) if "dueAmount" in before else 0
        scheduled += _stated_scheduled(before) - _scheduled(before)
    status = invoice_status(number(invoice, "totalAmount"), due, scheduled)
    return {**invoice, "dueAmount": due, "scheduledAmount": scheduled, "status": status}


def invoice_status(total: Decimal, due: Decimal, scheduled: Decimal) -> str:
    """The status that the amounts of an invoice stand for."""
    if due <= 0:
        return "SCHEDULED" if scheduled > 0 else "PAID_IN_FULL"
    return "OPEN" if due == total else "PARTIAL_PAYMENT"


def memo_status(amount: Decimal, applied: Decimal) -> str:
    """The status of a credit memo of which `applied` has been used."""
    if applied <= 0:
        return "NOT_APPLIED"
    return "FULLY_APPLIED" if applied >= amount else "PARTIALLY_APPLIED"


def customer_balance(
    invoices: Iterable[Record], payments: Iterable[Record], unit: Decimal
) -> Decimal:
    """What one customer owes: due on invoices not archived, less cleared money not applied."""
    owed = sum((number(i, "dueAmount") for i in invoices if not i.get("archived")), unit * 0)
    held = (number(p, "unappliedAmount") for p in payments if p.get("status") == "PAID")
    return owed - sum(held, unit * 0)


def _due(invoice: Record) -> Decimal:
    moved = _sum_of(invoice, _MOVED)
    return number(invoice, "totalAmount") - number(invoice, "creditAmount") - moved


def _scheduled(invoice: Record) -> Decimal:
    return _sum_of(invoice, frozenset({"SCHEDULED"}))


def _stated_scheduled(invoice: Record) -> Decimal:
    if "scheduledAmount" in invoice:
        return number(invoice, "scheduledAmount")
    return _scheduled(invoice)


def _sum_of(invoice: Record, statuses: frozenset[str]) -> Decimal:
    zero = number(invoice, "totalAmount") * 0
    return sum(
        (number(p, "amount") for p in rows(invoice, "payments") if p.get("status") in statuses),
        zero,
    )
