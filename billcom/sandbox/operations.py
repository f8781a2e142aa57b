"""Every call that writes, in one table: method, path, what it does, and the status it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from billcom.sandbox import (
    bank_accounts,
    classifications,
    credit_memos,
    customers,
    network,
    organizations,
    recurring,
    users,
)
from billcom.sandbox.book import Book
from billcom.sandbox.bulk import Bulk
from billcom.sandbox.classifications import DIMENSIONS, Dimension
from billcom.sandbox.state import BookState, shelve
from billcom.sandbox.wire import Record

# Called with the book, the ids in the path from left to right, and the body where there is one.
Act = Callable[..., Record | None]


@dataclass(frozen=True)
class Operation:
    """One call. With `by_ids` it takes the query's `ids` in place of a body."""

    method: str
    path: str
    act: Act
    status: int = 200
    has_body: bool = True
    by_ids: bool = False


def _acting(path: str, act: Act) -> Operation:
    return Operation("POST", path, act, has_body=False)


def _shelved(name: str) -> Iterator[Operation]:
    for word, archived in (("archive", True), ("restore", False)):
        yield _acting(f"/{name}/{{id}}/{word}", partial(_shelve, name, archived))


def _shelve(name: str, archived: bool, state: BookState, record_id: str) -> Record:
    return shelve(state, state.tables[name], record_id, archived=archived)


def _bulk(name: str, bulk: Bulk, draw_up: Any, changed: Any) -> Iterator[Operation]:
    path = f"/{name}/bulk"
    yield Operation("POST", path, partial(bulk.create, draw_up), 201)
    yield Operation("PATCH", path, partial(bulk.amend, changed))
    for word, archived in (("archive", True), ("restore", False)):
        act = partial(bulk.shelve, archived=archived)
        yield Operation("POST", f"{path}/{word}", act, has_body=False, by_ids=True)


def _dimension(dimension: Dimension) -> Iterator[Operation]:
    name = f"classifications/{dimension.resource}"
    bulk = Bulk(dimension.array, partial(_register, name))
    draw_up = partial(classifications.drawn_up, dimension)
    changed = partial(classifications.changed, dimension)
    yield from _bulk(name, bulk, draw_up, changed)
    yield Operation("POST", f"/{name}", partial(classifications.create, dimension), 201)
    yield Operation("PATCH", f"/{name}/{{id}}", partial(classifications.change, dimension))
    yield from _shelved(name)


def _register(name: str, state: BookState) -> Any:
    return state.registers[name]


_MEMOS = Bulk("creditMemos", lambda state: state.credit_memos)
_ACCOUNTS = "/customers/{customer_id}/bank-accounts"
_INVITATION = "/network/invitation/customer/{customer_id}"

# A path with a word in the place of an id stands before the one with the id.
OPERATIONS = (
    Operation("POST", "/customers", Book.create_customer, 201),
    Operation("PATCH", "/customers/{id}", Book.change_customer),
    _acting("/customers/{id}/archive", Book.archive_customer),
    _acting("/customers/{id}/restore", Book.restore_customer),
    Operation("POST", "/customers/{id}/charge-authorization", customers.set_authorized),
    Operation("POST", _ACCOUNTS, bank_accounts.create, 201),
    Operation("PATCH", _ACCOUNTS + "/{id}", bank_accounts.change),
    _acting(_ACCOUNTS + "/{id}/archive", bank_accounts.archive),
    Operation("GET", _ACCOUNTS + "/{id}", bank_accounts.of_customer, has_body=False),
    Operation("GET", _INVITATION, network.show, has_body=False),
    Operation("POST", _INVITATION, network.invite),
    Operation("DELETE", _INVITATION, network.leave, has_body=False),
    Operation("POST", "/invoices", Book.create_invoice, 201),
    Operation("POST", "/invoices/record-payment", Book.record_payment),
    Operation("PUT", "/invoices/{id}", Book.replace_invoice),
    Operation("PATCH", "/invoices/{id}", Book.change_invoice),
    _acting("/invoices/{id}/archive", Book.archive_invoice),
    _acting("/invoices/{id}/restore", Book.restore_invoice),
    Operation("POST", "/invoices/{id}/email", Book.email_invoice),
    Operation("POST", "/invoices/{id}/payment-link", network.payment_link),
    *_bulk("credit-memos", _MEMOS, credit_memos.drawn_up, credit_memos.changed),
    Operation("PUT", "/credit-memos/bulk", partial(_MEMOS.amend, credit_memos.replaced)),
    Operation("POST", "/credit-memos", Book.create_credit_memo, 201),
    Operation("PUT", "/credit-memos/{id}", Book.replace_credit_memo),
    Operation("PATCH", "/credit-memos/{id}", Book.change_credit_memo),
    _acting("/credit-memos/{id}/archive", Book.archive_credit_memo),
    _acting("/credit-memos/{id}/restore", Book.restore_credit_memo),
    Operation("POST", "/recurring-invoices", recurring.create, 201),
    Operation("PUT", "/recurring-invoices/{id}", recurring.replace),
    Operation("PATCH", "/recurring-invoices/{id}", recurring.change),
    _acting("/recurring-invoices/{id}/archive", partial(recurring.set_archived, archived=True)),
    _acting("/recurring-invoices/{id}/restore", partial(recurring.set_archived, archived=False)),
    Operation("POST", "/users", users.create, 201),
    Operation("PATCH", "/users/{id}", users.change),
    *_shelved("users"),
    Operation("PATCH", "/organizations/{id}", organizations.change),
    Operation(
        "POST", "/organizations/{organization_id}/payment-terms", organizations.create_term, 201
    ),
    *(operation for dimension in DIMENSIONS.values() for operation in _dimension(dimension)),
)
