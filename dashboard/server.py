"""What serves the dashboard: Streamlit, the cookie of whoever signed in, and headers."""

import secrets
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.doors import MARK_COOKIE, SESSION_COOKIE
from dashboard.ready import make_ready
from dashboard.unsubscribing import unsubscribe_route
from etl.entrance import Entrance
from etl.entry import open_doorway
from etl.settings import LOOPBACK, Settings, load_settings

__all__ = ["app"]

DOOR = open_doorway(load_settings())
ENTRANCE = Entrance(DOOR)


async def claim(request: Request) -> Response:
    """Hands the browser the cookie of the visit it opened a moment ago."""
    mark = request.cookies.get(MARK_COOKIE)
    if not _is_ours(request) or not mark:
        return Response(status_code=403)
    old = request.cookies.get(SESSION_COOKIE)
    token = await run_in_threadpool(ENTRANCE.claim, mark, old)
    answer = Response(status_code=204)
    if token:
        age = DOOR.settings.visit_s
        _set(answer, request, SESSION_COOKIE, token, max_age=age)
        # A mark that others may have planted or seen is worth nothing after it was used.
        _set(answer, request, MARK_COOKIE, secrets.token_urlsafe(32))
    return answer


async def drop(request: Request) -> Response:
    """Takes back a cookie whose visit is over; another tab's fresh one stays."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if not _is_ours(request) or not cookie:
        return Response(status_code=403)
    answer = Response(status_code=204)
    if isinstance(await run_in_threadpool(ENTRANCE.resume, cookie), str):
        answer.delete_cookie(SESSION_COOKIE)
    return answer


def _is_ours(request: Request) -> bool:
    """Whether a page of ours asks: no other site's page may send this header to us."""
    return request.headers.get("X-Tieout") == "1"


def _set(answer: Response, request: Request, name: str, value: str, **kept: Any) -> None:
    secure = request.url.hostname not in LOOPBACK
    answer.set_cookie(name, value, httponly=True, samesite="lax", secure=secure, **kept)


class Porter:
    """Gives every browser a mark before it signs in, and every page its headers."""

    def __init__(self, app: ASGIApp, ancestors: str) -> None:
        self._app = app
        self._ancestors = ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), Request(scope))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, request: Request) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        if not headers.get("content-type", "").startswith("text/html"):
            return
        headers["Content-Security-Policy"] = f"frame-ancestors {self._ancestors}"
        if MARK_COOKIE not in request.cookies:
            answer = Response()
            _set(answer, request, MARK_COOKIE, secrets.token_urlsafe(32))
            headers.append("set-cookie", answer.headers["set-cookie"])


def _secrets(settings: Settings) -> dict[str, Any]:
    """What st.login wants to know, in the place where it looks."""
    if settings.provider is None:
        return {}
    auth = {
        "redirect_uri": f"{settings.public_url}/oauth2callback",
        "cookie_secret": DOOR.box.derived("provider cookie"),
        "client_id": settings.provider.client_id,
        "client_secret": settings.provider.client_secret,
        "server_metadata_url": settings.provider.metadata_url,
    }
    return {"auth": auth}


make_ready()
app = st.App(
    "app.py",
    routes=[
        Route("/session", claim, methods=["POST"]),
        Route("/session", drop, methods=["DELETE"]),
        unsubscribe_route(DOOR),
    ],
    middleware=[Middleware(Porter, ancestors=" ".join(["'self'", *DOOR.settings.embed_origins]))],
    secrets=_secrets(DOOR.settings),
)
