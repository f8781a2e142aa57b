"""How a call reaches the book: writes by the table of operations, reads by that of resources."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.answers import answer, raw_answer
from billcom.sandbox.book import Book
from billcom.sandbox.errors import (
    InvalidRequestError,
    SessionInvalidError,
    UntrustedSessionError,
)
from billcom.sandbox.listing import parse_query
from billcom.sandbox.operations import OPERATIONS, Operation
from billcom.sandbox.registers import PAYMENT_TERMS, REGISTERS
from billcom.sandbox.resources import RESOURCES, Resource
from billcom.sandbox.state import find
from billcom.sandbox.table import Table
from billcom.sandbox.wire import NotJsonError, Record, decode

_PAYMENTS = "/receivable-payments"
_TERMS = "/organizations/{organization_id}/payment-terms"
# The organization has no list, and its terms are listed under it.
_PLACES = {"organizations": "", PAYMENT_TERMS.name: _TERMS}


def caller_book(request: Request) -> Book:
    """The book of the session's organization, up to date; raises SessionInvalidError."""
    session = request.state.session
    if session is None:
        raise SessionInvalidError
    book: Book = session.tenant.book
    book.catch_up()
    return book


async def json_body(request: Request) -> Any:
    """The parsed body; raises InvalidRequestError."""
    try:
        return decode(await request.body())
    except NotJsonError:
        raise InvalidRequestError(["body: JSON parse error"]) from None


def list_answer(book: Book, table: Table, request: Request) -> Response:
    """The page of `table` that the request asks for."""
    query = parse_query(request.query_params, table.resource, book.knobs)
    with book.lock:
        return raw_answer(table.page(query))


def record_routes() -> list[Route]:
    """Every route that reads or writes records."""
    writes = [_route(o.method, o.path, _operate, o) for o in OPERATIONS]
    reads = [route for resource in (*RESOURCES, *REGISTERS) for route in _reads(resource)]
    accounts = _route("GET", "/customers/{customer_id}/bank-accounts", _list_accounts)
    return [*writes, _route("POST", _PAYMENTS, _charge), accounts, *reads]


def _route(method: str, path: str, handler: Callable[..., Any], *settings: object) -> Route:
    return Route(path, partial(handler, *settings), methods=[method])


def _reads(resource: Resource) -> list[Route]:
    place = _PLACES.get(resource.name, f"/{resource.name}")
    lists = [_route("GET", place, _list, resource)] if place else []
    one = f"{place or '/' + resource.name}/{{id}}"
    return [*lists, _route("GET", one, _get, resource)]


async def _list(resource: Resource, request: Request) -> Response:
    book = caller_book(request)
    _ids(book, request)
    return list_answer(book, book.tables[resource.name], request)


async def _list_accounts(request: Request) -> Response:
    book = caller_book(request)
    (customer_id,) = _ids(book, request)
    find(book.customers, customer_id)
    return list_answer(book, book.bank_accounts.of(customer_id), request)


async def _get(resource: Resource, request: Request) -> Response:
    book = caller_book(request)
    (record_id,) = _ids(book, request)
    table = book.tables[resource.name]
    with book.lock:
        find(table, record_id)
        return raw_answer(table.json(record_id))


async def _charge(request: Request) -> Response:
    book = caller_book(request)
    if request.state.session.is_by_token and not book.knobs.token_may_charge:
        raise UntrustedSessionError
    return answer(book.charge_customer(await json_body(request)), book.knobs.charge_status)


async def _operate(operation: Operation, request: Request) -> Response:
    book = caller_book(request)
    args: list[Any] = _ids(book, request)
    if operation.has_body:
        args.append(await json_body(request))
    if operation.by_ids:
        args.append(request.query_params.get("ids", ""))
    return answer(_shown(book.do(operation.act, *args)), operation.status)


def _ids(book: Book, request: Request) -> list[str]:
    """The ids in the path, but for the organization's, which must be the caller's own."""
    ids: dict[str, str] = dict(request.path_params)
    own = ids.pop("organization_id", None)
    if own is not None:
        find(book.organizations, own)
    return list(ids.values())


def _shown(record: Record | None) -> Record | None:
    # A credit memo's usage is told by GET alone.
    if record is None:
        return None
    if isinstance(record.get("creditMemos"), list):
        return {"creditMemos": [_shown(memo) for memo in record["creditMemos"]]}
    return {name: value for name, value in record.items() if name != "usage"}
