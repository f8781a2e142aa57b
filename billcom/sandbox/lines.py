"""Line items of invoices and credit memos: read, given ids, merged into those already there."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.ids import Ids
from billcom.sandbox.wire import Record

_DIMENSIONS = ("accountingClassId", "departmentId", "jobId", "locationId")
_LINE_DIMENSIONS = ("chartOfAccountId", *_DIMENSIONS, "itemId")
_CENT = Decimal("0.01")


def read_lines(fields: Fields, name: str, *, required: bool, by_rate: bool = False) -> list[Record]:
    """The line items in a body; when `required`, at least one and each with its price.

    With `by_rate` a line may give `ratePercent` in place of a price.
    """
    return [
        _read_line(line, priced=required, by_rate=by_rate)
        for line in fields.children(name, required=required)
    ]


def with_ids(lines: Iterable[Record], ids: Ids, prefix: str) -> list[Record]:
    """The lines, those without an id given one."""
    return [line if "id" in line else {"id": ids.new(prefix), **line} for line in lines]


def merged_lines(
    present: Iterable[Record], given: Sequence[Record], *, adding: bool
) -> list[Record]:
    """The lines of a record after a change.

    When `adding` (PUT) the given ones are all there will be; otherwise (PATCH) the given fields
    go over the present lines of the same id, and the rest stays. Raises
    BusinessRuleError for an id there is none of.
    """
    known = {line["id"]: line for line in present}
    for line in given:
        if line.get("id", None if adding else "") not in {None, *known}:
            raise BusinessRuleError(
                f"There is no line {line.get('id', 'without an id')} to change."
            )
    changed = [_over(known.get(line.get("id", ""), {}), line) for line in given]
    if adding:
        return changed
    by_id = {line["id"]: line for line in changed}
    return [by_id.get(line_id, line) for line_id, line in known.items()]


def read_classifications(fields: Fields, *, of_line: bool = False) -> Record | None:
    """The dimensions an invoice, a credit memo or a line is filed under."""
    child = fields.child("classifications")
    if child is None:
        return None
    names = _LINE_DIMENSIONS if of_line else _DIMENSIONS
    return without_gaps(**{name: child.text(name) for name in names})


def _over(line: Record, given: Record) -> Record:
    # A line is priced or a percentage, never both: giving one drops the other.
    dropped = "price" if "ratePercent" in given else "ratePercent" if "price" in given else ""
    return {name: value for name, value in line.items() if name != dropped} | given


def _read_line(fields: Fields, *, priced: bool, by_rate: bool) -> Record:
    quantity = fields.number("quantity")
    price = _price(fields, quantity)
    rate = fields.number("ratePercent") if by_rate else None
    if price is not None and rate is not None:
        fields.problem("ratePercent", "excludes price")
    if priced and price is None and rate is None:
        fields.problem("price", "must not be null")
    if priced and price is not None and quantity is None:
        fields.problem("quantity", "must not be null")
    return without_gaps(
        id=fields.text("id"),
        description=fields.text("description"),
        price=price,
        quantity=quantity,
        ratePercent=rate,
        taxable=fields.flag("taxable"),
        classifications=read_classifications(fields, of_line=True),
    )


def _price(fields: Fields, quantity: Decimal | None) -> Decimal | None:
    price = fields.number("price")
    amount = fields.number("amount") if price is None else None
    if amount is not None and quantity:
        price = (amount / quantity).quantize(Decimal("0.000001"))
    if price is None:
        return None
    return price.quantize(_CENT) if price == price.quantize(_CENT) else price
