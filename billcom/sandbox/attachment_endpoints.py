"""The endpoints of attachments, and the links their bytes are fetched from."""

import mimetypes
from functools import partial
from secrets import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox import attachments
from billcom.sandbox.answers import answer
from billcom.sandbox.endpoints import caller_book
from billcom.sandbox.errors import UnknownPathError, UnknownRecordError
from billcom.sandbox.listing import parse_query
from billcom.sandbox.registers import ATTACHMENTS
from billcom.sandbox.state import find
from billcom.sandbox.wire import Record, decode
from billcom.sandbox.world import World

_OWNERS = ("customers", "invoices")


def attachment_routes(world: World) -> list[Route]:
    """Lists, uploads, reads and deletions; and the downloads, which need no session."""
    routes = [Route("/attachments/files/{organization_id}/{id}/{key}", partial(_download, world))]
    for owner in _OWNERS:
        path = f"/attachments/{owner}/{{owner_id}}"
        routes.append(Route(path, partial(_list, owner), methods=["GET"]))
        routes.append(Route(path, partial(_upload, owner), methods=["POST"]))
    routes.append(Route("/attachments/{id}", _get, methods=["GET"]))
    routes.append(Route("/attachments/{id}", _delete, methods=["DELETE"]))
    return routes


async def _list(owner: str, request: Request) -> Response:
    book = caller_book(request)
    owner_id = request.path_params["owner_id"]
    find(book.tables[owner], owner_id)
    query = parse_query(request.query_params, ATTACHMENTS, book.knobs)
    with book.lock:
        page: dict[str, Any] = decode(attachments.listed(book, owner_id).page(query))
    return answer({**page, "results": [_linked(request, r) for r in page["results"]]})


async def _upload(owner: str, request: Request) -> Response:
    book = caller_book(request)
    owner_id = request.path_params["owner_id"]
    find(book.tables[owner], owner_id)
    replaces = request.query_params.get("replaceInvoicePdf") == "true"
    content, name = await request.body(), request.query_params.get("name")
    record = book.do(attachments.upload, owner_id, name, content, as_pdf=replaces)
    return answer(_linked(request, record))


async def _get(request: Request) -> Response:
    record = caller_book(request).do(attachments.show, request.path_params["id"])
    return answer(_linked(request, record))


async def _delete(request: Request) -> Response:
    return answer(caller_book(request).do(attachments.remove, request.path_params["id"]))


async def _download(world: World, request: Request) -> Response:
    given = request.path_params
    try:
        book = world.tenant(given["organization_id"]).book
        record = book.do(attachments.show, given["id"])
    except (KeyError, UnknownRecordError):
        raise UnknownPathError from None
    if not compare_digest(attachments.download_key(given["id"]).encode(), given["key"].encode()):
        raise UnknownPathError
    kind = mimetypes.guess_type(record["name"])[0] or "application/octet-stream"
    return Response(book.do(attachments.content, given["id"]), media_type=kind)


def _linked(request: Request, record: Record) -> Record:
    organization_id = request.state.session.tenant.credentials.organization_id
    key = attachments.download_key(record["id"])
    place = f"connect/v3/attachments/files/{organization_id}/{record['id']}/{key}"
    return {**record, "downloadLink": f"{request.url.scheme}://{request.url.netloc}/{place}"}
