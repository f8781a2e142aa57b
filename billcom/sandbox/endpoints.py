"""Which path does what to the book: reads by the resource table, writes by the tables below."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.answers import answer, raw_answer
from billcom.sandbox.book import Book
from billcom.sandbox.errors import InvalidRequestError, SessionInvalidError
from billcom.sandbox.listing import parse_query
from billcom.sandbox.resources import RESOURCES, Resource
from billcom.sandbox.state import find
from billcom.sandbox.wire import NotJsonError, Record, decode

Create = Callable[[Book, Any], Record]
Change = Callable[[Book, str, Any], Record | None]
Act = Callable[[Book, str], Record]

_CREATES: tuple[tuple[str, int, Create], ...] = (
    ("/customers", 201, Book.create_customer),
    ("/invoices", 201, Book.create_invoice),
    ("/invoices/record-payment", 200, Book.record_payment),
    ("/receivable-payments", 201, Book.charge_customer),
    ("/credit-memos", 201, Book.create_credit_memo),
)
_CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("PATCH", "/customers/{record_id}", Book.change_customer),
    ("PUT", "/invoices/{record_id}", Book.replace_invoice),
    ("PATCH", "/invoices/{record_id}", Book.change_invoice),
    ("POST", "/invoices/{record_id}/email", Book.email_invoice),
    ("PUT", "/credit-memos/{record_id}", Book.replace_credit_memo),
    ("PATCH", "/credit-memos/{record_id}", Book.change_credit_memo),
)
_ACTS: tuple[tuple[str, Act], ...] = (
    ("/customers/{record_id}/archive", Book.archive_customer),
    ("/customers/{record_id}/restore", Book.restore_customer),
    ("/invoices/{record_id}/archive", Book.archive_invoice),
    ("/invoices/{record_id}/restore", Book.restore_invoice),
    ("/credit-memos/{record_id}/archive", Book.archive_credit_memo),
    ("/credit-memos/{record_id}/restore", Book.restore_credit_memo),
)


def caller_book(request: Request) -> Book:
    """The book of the session's organization; raises SessionInvalidError."""
    session = request.state.session
    if session is None:
        raise SessionInvalidError
    book: Book = session.tenant.book
    return book


async def json_body(request: Request) -> Any:
    """The parsed body; raises InvalidRequestError."""
    try:
        return decode(await request.body())
    except NotJsonError:
        raise InvalidRequestError(["body: JSON parse error"]) from None


def record_routes() -> list[Route]:
    """Every route on the four resources."""
    creates = [_route("POST", path, _create, act, status) for path, status, act in _CREATES]
    changes = [_route(method, path, _change, act) for method, path, act in _CHANGES]
    acts = [_route("POST", path, _act, act) for path, act in _ACTS]
    return creates + changes + acts + [r for resource in RESOURCES for r in _reads(resource)]


def _route(method: str, path: str, handler: Callable[..., Any], *settings: object) -> Route:
    return Route(path, partial(handler, *settings), methods=[method])


def _reads(resource: Resource) -> list[Route]:
    path = f"/{resource.name}"
    return [
        _route("GET", path, _list, resource),
        _route("GET", path + "/{record_id}", _get, resource),
    ]


async def _list(resource: Resource, request: Request) -> Response:
    book = caller_book(request)
    query = parse_query(request.query_params, resource)
    with book.lock:
        return raw_answer(book.tables[resource.name].page(query))


async def _get(resource: Resource, request: Request) -> Response:
    book = caller_book(request)
    table, record_id = book.tables[resource.name], request.path_params["record_id"]
    with book.lock:
        find(table, record_id)
        return raw_answer(table.json(record_id))


async def _create(create: Create, status: int, request: Request) -> Response:
    book = caller_book(request)
    return _written(create(book, await json_body(request)), status)


async def _change(change: Change, request: Request) -> Response:
    book = caller_book(request)
    return _written(change(book, request.path_params["record_id"], await json_body(request)))


async def _act(act: Act, request: Request) -> Response:
    return _written(act(caller_book(request), request.path_params["record_id"]))


def _written(record: Record | None, status: int = 200) -> Response:
    # A credit memo's usage is told by GET alone.
    shown = record and {name: value for name, value in record.items() if name != "usage"}
    return answer(shown, status)
