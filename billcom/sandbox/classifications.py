"""The seven dimensions a line can be filed under, items and accounts among them: one table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.registers import CLASSIFICATIONS
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record

Reader = Callable[[Fields, str], object]

_ITEM_TYPES = {
    *("SALES_TAX", "SALES_TAX_GROUP", "INVENTORY", "NON_INVENTORY", "SERVICE", "OTHER_CHARGE"),
    *("PAYMENT", "DISCOUNT", "SUBTOTAL", "FIXED_ASSET", "UNDEFINED"),
}
_ACCOUNT_TYPES = {
    *("ACCOUNTS_PAYABLE", "ACCOUNTS_RECEIVABLE", "BANK", "CREDIT_CARD", "EQUITY"),
    *("COST_OF_GOODS_SOLD", "EXPENSE", "OTHER_EXPENSE", "INCOME", "OTHER_INCOME"),
    *("FIXED_ASSET", "OTHER_ASSET", "OTHER_CURRENT_ASSET"),
    *("LONG_TERM_LIABILITY", "OTHER_CURRENT_LIABILITY", "NON_POSTING", "UNSPECIFIED"),
}


def _text(fields: Fields, name: str) -> object:
    return fields.text(name)


def _number(fields: Fields, name: str) -> object:
    return fields.number(name)


def _flag(fields: Fields, name: str) -> object:
    return fields.flag(name)


def _item_type(fields: Fields, name: str) -> object:
    return fields.choice(name, _ITEM_TYPES)


def _account(fields: Fields, name: str) -> object:
    account = fields.child(name)
    if account is None:
        return None
    return without_gaps(
        type=account.choice("type", _ACCOUNT_TYPES, required=True), number=account.text("number")
    )


@dataclass(frozen=True)
class Dimension:
    """One kind: its path, the name of its array in bulk answers, and its fields."""

    resource: str
    array: str
    prefix: str
    required: tuple[str, ...] = ("name",)
    readers: dict[str, Reader] = field(default_factory=dict)


_COMMON: dict[str, Reader] = dict.fromkeys(("shortName", "description", "parentId"), _text)
_ITEM: dict[str, Reader] = {
    "type": _item_type,
    "price": _number,
    "percentage": _number,
    "purchaseCost": _number,
    "taxable": _flag,
    **dict.fromkeys(("chartOfAccountId", "expenseChartOfAccountId", "purchaseDescription"), _text),
}
_ACCOUNT: dict[str, Reader] = {"description": _text, "parentId": _text, "account": _account}

DIMENSIONS = {
    dimension.resource: dimension
    for dimension in (
        Dimension("accounting-classes", "accountingClasses", "cls", readers=_COMMON),
        Dimension("chart-of-accounts", "chartOfAccounts", "0ca", ("name", "account"), _ACCOUNT),
        Dimension("departments", "departments", "0de", readers=_COMMON),
        Dimension("employees", "employees", "0em", ("firstName", "lastName"), _COMMON),
        Dimension("items", "items", "0ii", ("name", "type"), {**_COMMON, **_ITEM}),
        Dimension("jobs", "jobs", "0jo", readers=_COMMON),
        Dimension("locations", "locations", "loc", readers=_COMMON),
    )
}


def table_of(state: BookState, dimension: Dimension) -> Table:
    """The records of one dimension."""
    return state.registers[f"classifications/{dimension.resource}"]


def create(dimension: Dimension, state: BookState, body: object) -> Record:
    """Add a record."""
    return table_of(state, dimension).put(drawn_up(dimension, state, Fields(body)))


def change(dimension: Dimension, state: BookState, record_id: str, body: object) -> Record:
    """Change the fields that are given."""
    return table_of(state, dimension).put(changed(dimension, state, record_id, Fields(body)))


def drawn_up(dimension: Dimension, state: BookState, fields: Fields) -> Record:
    """A new record, not in the book yet."""
    given = _read(dimension, state, fields, required=True)
    now = state.now_text()
    record = {"id": state.ids.new(dimension.prefix), "archived": False, **given}
    return {**record, "createdTime": now, "updatedTime": now}


def changed(dimension: Dimension, state: BookState, record_id: str, fields: Fields) -> Record:
    """The record as it will be, not in the book yet."""
    record = find(table_of(state, dimension), record_id)
    given = _read(dimension, state, fields, required=False)
    if given.get("parentId") == record_id:
        raise InvalidRequestError(["parentId: must be another record"])
    return touched(state, {**record, **given})


def _read(dimension: Dimension, state: BookState, fields: Fields, *, required: bool) -> Record:
    names = dict.fromkeys(n for n in dimension.required if n not in dimension.readers)
    texts = {n: fields.text(n, required=required or fields.has(n), longest=100) for n in names}
    for name in dimension.required:
        if required and name in dimension.readers and not fields.has(name):
            fields.problem(name, "must not be null")
    others = {name: reader(fields, name) for name, reader in dimension.readers.items()}
    given = without_gaps(**texts, **others)
    if given.get("parentId", "") not in {"", *table_of(state, dimension)}:
        fields.problem("parentId", "is not one of them")
    fields.check()
    return given


# The resources in the order of the table, for whoever lists them.
RESOURCES = {resource.name.partition("/")[2]: resource for resource in CLASSIFICATIONS}
ITEMS = DIMENSIONS["items"]
create_item = partial(create, ITEMS)
