"""The control API: what a test or a person at the same machine may do to a running sandbox.

It is no part of BILL: no session, no limits, no faults, and none of its calls in the log.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from billcom.sandbox.answers import answer
from billcom.sandbox.control_book import book_routes
from billcom.sandbox.control_requests import ControlError
from billcom.sandbox.control_server import Controls, server_routes
from billcom.sandbox.errors import ApiError, UnknownRecordError
from billcom.sandbox.faults import FaultError
from billcom.sandbox.knobs import KnobError

PATH = "/control"


class Switchboard:
    """Sends calls below /control to the control API and all others to BILL's."""

    def __init__(self, bill: ASGIApp, control: ASGIApp) -> None:
        """Both applications."""
        self._bill = bill
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one call on."""
        path = scope.get("path", "")
        is_control = path == PATH or path.startswith(PATH + "/")
        await (self._control if is_control else self._bill)(scope, receive, send)


def control_app(controls: Controls) -> ASGIApp:
    """The control API over these."""
    routes = [*server_routes(controls), *book_routes(controls.world)]
    said = [f"{m} {PATH}{r.path}" for r in routes for m in sorted(r.methods or ()) if m != "HEAD"]

    async def index(_request: Request) -> Response:
        return answer({"paths": said})

    router = Router([Route("/", index), *map(_guarded, routes)], redirect_slashes=False)
    app = Starlette(
        routes=[Route(PATH, _guard(index)), Mount(PATH, app=router)],
        exception_handlers={
            HTTPException: _refuse_path,
            ControlError: _refuse,
            ApiError: _refuse,
            FaultError: _refuse,
            KnobError: _refuse,
        },
    )
    app.router.redirect_slashes = False
    return app


def _guarded(route: Route) -> Route:
    return Route(route.path, _guard(route.endpoint), methods=list(route.methods or ()))


def _guard(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        if not _is_local(request):
            raise ControlError("The control API answers this machine only.", 404)
        return await endpoint(request)

    return guarded


def _is_local(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _refuse(_request: Request, error: Exception) -> Response:
    if isinstance(error, ControlError):
        return _sentence(str(error), error.status)
    if isinstance(error, ApiError):
        said: Any = "; ".join(error.messages)
        return _sentence(said, 404 if isinstance(error, UnknownRecordError) else 400)
    return _sentence(str(error), 400)


def _refuse_path(request: Request, _error: Exception) -> Response:
    there = f"{request.method} {request.url.path}"
    return _sentence(f"There is no {there}; GET {PATH} lists what there is.", 404)


def _sentence(text: str, status: int) -> Response:
    return answer({"error": text}, status)
