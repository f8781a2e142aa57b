"""The books through the control API: read whole, changed by a book's own operations."""

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.answers import answer
from billcom.sandbox.book import Book
from billcom.sandbox.clearing import Outcome
from billcom.sandbox.control_requests import ControlError, demand_known, read_object
from billcom.sandbox.state import find, touched
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record
from billcom.sandbox.world import Tenant, World

_VERBS = (
    *("create_", "change_", "replace_", "archive_", "restore_", "email_", "record_"),
    *("charge_", "settle_", "void_", "cancel_", "add_"),
)


def book_routes(world: World) -> list[Route]:
    """The routes that read and change books; {tenant} is an organization's id or name."""

    def route(method: str, path: str, act: Callable[..., Any]) -> Route:
        return Route(path, partial(_answer, world, act), methods=[method])

    return [
        Route("/tenants", partial(_tenants, world), methods=["GET"]),
        route("GET", "/books/{tenant}", _describe),
        route("GET", "/books/{tenant}/{table}", _list),
        route("GET", "/books/{tenant}/{table}/{id}", _show),
        route("POST", "/books/{tenant}/authorize_customer", _authorize),
        route("POST", "/books/{tenant}/decide_charges", _decide),
        route("POST", "/books/{tenant}/{operation}", _operate),
    ]


def operations() -> dict[str, tuple[str, ...]]:
    """The operations of a book by name, each with what it takes: `id`, `body`, both."""
    names = [name for name in vars(Book) if name.startswith(_VERBS)]
    return {name: tuple(_parameters(name)) for name in sorted(names)}


def _parameters(name: str) -> list[str]:
    given = list(signature(getattr(Book, name)).parameters)[1:]
    return ["body" if parameter == "body" else "id" for parameter in given]


async def _answer(world: World, act: Callable[..., Any], request: Request) -> Response:
    book = _tenant(world, request.path_params["tenant"]).book
    book.catch_up()
    return answer(act(book, request.path_params, await read_object(request)))


async def _tenants(world: World, _request: Request) -> Response:
    return answer([_summary(tenant) for tenant in world.tenants])


def _summary(tenant: Tenant) -> Record:
    given = tenant.credentials
    with tenant.book.lock:
        counts = {name: len(table) for name, table in tenant.book.tables.items()}
    return {"name": given.name, "organization_id": given.organization_id, "records": counts}


def _describe(book: Book, _place: Record, _body: Record) -> Record:
    return {"tables": list(book.tables), "operations": operations()}


def _list(book: Book, place: Record, _body: Record) -> list[Record]:
    with book.lock:
        return list(_table(book, place["table"]).values())


def _show(book: Book, place: Record, _body: Record) -> Record:
    with book.lock:
        return find(_table(book, place["table"]), place["id"])


def _operate(book: Book, place: Record, body: Record) -> Any:
    name = place["operation"]
    if name not in operations():
        raise ControlError(f"A book has no operation {name!r}.", 404)
    wanted = operations()[name]
    demand_known(body, *wanted)
    for field in wanted:
        if field not in body or (field == "id" and not isinstance(body["id"], str)):
            raise ControlError(f"{name} takes {' and '.join(wanted)} in the body.")
    return getattr(book, name)(*(body[field] for field in wanted))


def _authorize(book: Book, _place: Record, body: Record) -> Record:
    demand_known(body, "id", "authorized")
    if not isinstance(body.get("id"), str) or not isinstance(body.get("authorized"), bool):
        raise ControlError("authorize_customer takes an id and authorized, true or false.")
    with book.lock:
        customer = find(book.customers, body["id"])
        changed = {**customer, "authorizedToCharge": body["authorized"]}
        return book.customers.put(touched(book, changed))


def _decide(book: Book, _place: Record, body: Record) -> Record:
    demand_known(body, "id", "outcome")
    outcomes = {outcome.value: outcome for outcome in Outcome}
    outcome = body.get("outcome")
    if not isinstance(outcome, str | None) or outcome not in {None, *outcomes}:
        raise ControlError(f"An outcome is null or one of {', '.join(outcomes)}.")
    customer = find(book.customers, str(body.get("id")))
    book.decide_charges(customer["id"], None if outcome is None else outcomes[outcome])
    return {"id": customer["id"], "outcome": outcome}


def _table(book: Book, name: str) -> Table:
    if name not in book.tables:
        raise ControlError(f"A book has no {name!r}; it has {', '.join(book.tables)}.", 404)
    return book.tables[name]


def _tenant(world: World, name: str) -> Tenant:
    try:
        return world.tenant(name)
    except KeyError:
        raise ControlError(f"There is no tenant {name!r}.", 404) from None
