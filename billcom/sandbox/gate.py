"""What every call passes before and after its endpoint: session, limits, date header, log.

It is written against ASGI itself, because a call counts as in flight until the last byte of its
response has been handed over, which a handler cannot see.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billcom.sandbox.access import Access, Session
from billcom.sandbox.answers import refusal
from billcom.sandbox.calls import Call, CallLog
from billcom.sandbox.clock import Clock
from billcom.sandbox.connection import HangUp
from billcom.sandbox.errors import ApiError, SessionInvalidError, SystemFaultError
from billcom.sandbox.limits import Turnstile
from billcom.sandbox.world import World


class Gate:
    """Wraps the application. Endpoints find the caller's Session, or None, in the scope's state."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        turnstile: Turnstile,
        calls: CallLog,
        world: World,
        latency_ms: int,
    ) -> None:
        """`latency_ms` is waited in before each admitted call reaches its endpoint."""
        self._app = app
        self._access = access
        self._turnstile = turnstile
        self._calls = calls
        self._world = world
        self._latency_s = latency_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call; anything else (lifespan) goes straight through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        developer_key = headers.get("devkey", "")
        session = self._session(headers.get("sessionid", ""), developer_key)
        state = scope["state"] = dict(scope.get("state", {}))
        state.update(session=session, session_id=headers.get("sessionid", ""))

        def note(status: int) -> None:
            if 0 < status < 400:
                self._access.renew(state["session_id"])
            self._calls.add(self._call(scope, status, session, developer_key))

        outcome = _Outcome(scope, send, self._world.clock, note)
        try:
            await self._admit(session, developer_key, (scope, receive, outcome.send))
        except asyncio.CancelledError:
            # The server is stopping and waits no longer for this call.
            if not outcome.is_begun:
                await self._refusal(SystemFaultError())(scope, receive, outcome.send)

    async def _admit(
        self,
        session: Session | None,
        developer_key: str,
        exchange: tuple[Scope, Receive, Send],
    ) -> None:
        try:
            if self._access.knows(developer_key):
                self._turnstile.count_call(developer_key)
            with self._lane(session):
                await asyncio.sleep(self._latency_s)
                await self._app(*exchange)
        except ApiError as error:
            await self._refusal(error)(*exchange)

    @contextmanager
    def _lane(self, session: Session | None) -> Iterator[None]:
        if session is None:
            yield
            return
        lane = (session.developer_key, session.tenant.credentials.organization_id)
        self._turnstile.enter(lane)
        try:
            yield
        finally:
            self._turnstile.leave(lane)

    def _session(self, session_id: str, developer_key: str) -> Session | None:
        try:
            return self._access.session(session_id, developer_key)
        except SessionInvalidError:
            return None

    def _refusal(self, error: ApiError) -> Response:
        return refusal(error, self._world.clock(), self._world.knobs)

    def _call(self, scope: Scope, status: int, session: Session | None, developer_key: str) -> Call:
        return Call(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=status,
            organization_id=session.tenant.credentials.organization_id if session else None,
            developer_key=developer_key or None,
            at=self._world.clock(),
            fault=scope["state"].get("fault"),
        )


class _Outcome:
    """Passes the response on with a date of the sandbox's clock, its status noted before that:
    whoever has the response, or finds the connection cut, finds the call in the log.
    """

    def __init__(self, scope: Scope, send: Send, clock: Clock, note: Callable[[int], None]) -> None:
        self._state = scope["state"]
        self._send = send
        self._clock = clock
        self._note = note
        self._cut: HangUp = self._state.get("hang_up", _stay)
        self._state["hang_up"] = self.hang_up
        self.is_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message["status"])
            now = self._clock() + self._state.get("date_skew", timedelta())
            MutableHeaders(scope=message)["date"] = format_datetime(now, usegmt=True)
        await self._send(message)

    async def hang_up(self, *, reset: bool) -> None:
        if not self.is_begun:
            self._begin(0)
        await self._cut(reset=reset)

    def _begin(self, status: int) -> None:
        self.is_begun = True
        self._note(status)


async def _stay(*, reset: bool) -> None:
    raise RuntimeError(f"No connection to {'reset' if reset else 'end'}: see server.py.")
