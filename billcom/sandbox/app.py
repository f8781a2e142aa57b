"""The ASGI application put together: routes, errors, and the gate around them."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from billcom.sandbox.access import Access
from billcom.sandbox.answers import answer, refusal
from billcom.sandbox.attachment_endpoints import attachment_routes
from billcom.sandbox.calls import CallLog
from billcom.sandbox.door import Door
from billcom.sandbox.endpoints import record_routes
from billcom.sandbox.errors import ApiError, SessionInvalidError, SystemFaultError, UnknownPathError
from billcom.sandbox.faults import Faults
from billcom.sandbox.gate import Gate
from billcom.sandbox.limits import Limits, Turnstile
from billcom.sandbox.mfa_endpoints import mfa_routes
from billcom.sandbox.mishaps import Mishaps
from billcom.sandbox.webhook_endpoints import WebhookEndpoints
from billcom.sandbox.webhooks import Webhooks
from billcom.sandbox.world import World


def sandbox_app(
    world: World,
    *,
    limits: Limits | None,
    faults: Faults,
    webhooks: Webhooks,
    latency_ms: int = 0,
) -> tuple[ASGIApp, CallLog]:
    """The application serving `world`, and the log of the calls it will answer.

    With `limits` None nothing is limited.
    """
    turnstile = Turnstile(limits, world)
    access = Access(world)
    calls = CallLog(turnstile.tally)
    door = [*Door(access, turnstile).routes(), *mfa_routes(access)]
    routes = [*door, *attachment_routes(world), *record_routes()]
    routed = _routed(world, routes, WebhookEndpoints(webhooks))
    gate = Gate(
        Mishaps(routed, faults=faults, access=access, world=world),
        access=access,
        turnstile=turnstile,
        calls=calls,
        world=world,
        latency_ms=latency_ms,
    )
    return gate, calls


def _routed(world: World, routes: list[Route], events: WebhookEndpoints) -> Starlette:
    def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, SessionInvalidError) and _lacks_auth(request, world):
            return answer({"message": "Unauthorized"}, 401)
        return refusal(_as_api_error(error), world.clock(), world.knobs)

    # BILL redirects nothing: a path with a slash too many is not supported.
    endpoints = Router(routes, redirect_slashes=False)
    app = Starlette(
        routes=[
            Mount("/connect/v3", app=endpoints),
            Mount("/connect-events/v3", app=Router(events.routes(), redirect_slashes=False)),
        ],
        exception_handlers={HTTPException: refuse, ApiError: refuse, Exception: refuse},
    )
    app.router.redirect_slashes = False
    return app


def _lacks_auth(request: Request, world: World) -> bool:
    """Whether the gateway, if there is one, stops the call before BILL sees it."""
    is_given = all(request.headers.get(name) for name in ("devkey", "sessionid"))
    return world.knobs.missing_auth == "gateway" and not is_given


def _as_api_error(error: Exception) -> ApiError:
    if isinstance(error, ApiError):
        return error
    # Starlette raises HTTPException only for a path or method that no route has.
    return UnknownPathError() if isinstance(error, HTTPException) else SystemFaultError()
