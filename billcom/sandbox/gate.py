"""What every call passes before and after its endpoint: session, limits, date header, log.

It is written against ASGI itself, because a call counts as in flight until the last byte of its
response has been handed over, which a handler cannot see.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billcom.sandbox.access import Access, Session
from billcom.sandbox.answers import refusal
from billcom.sandbox.calls import Call, CallLog
from billcom.sandbox.clock import Clock
from billcom.sandbox.errors import ApiError, SessionInvalidError, SystemFaultError
from billcom.sandbox.limits import Turnstile


class Gate:
    """Wraps the application. Endpoints find the caller's Session, or None, in the scope's state."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        turnstile: Turnstile,
        calls: CallLog,
        clock: Clock,
        latency_ms: int,
    ) -> None:
        """`latency_ms` is waited in before each admitted call reaches its endpoint."""
        self._app = app
        self._access = access
        self._turnstile = turnstile
        self._calls = calls
        self._clock = clock
        self._latency_s = latency_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call; anything else (lifespan) goes straight through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        developer_key = headers.get("devkey", "")
        session = self._session(headers.get("sessionid", ""), developer_key)
        scope["state"] = {"session": session, "session_id": headers.get("sessionid", "")}

        def note(status: int) -> None:
            self._calls.add(self._call(scope, status, session, developer_key))

        outcome = _Outcome(send, self._clock, note)
        try:
            await self._admit(session, developer_key, (scope, receive, outcome.send))
        except asyncio.CancelledError:
            # The server is stopping and waits no longer for this call.
            if not outcome.is_begun:
                await refusal(SystemFaultError(), self._clock())(scope, receive, outcome.send)

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
            await refusal(error, self._clock())(*exchange)

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

    def _call(self, scope: Scope, status: int, session: Session | None, developer_key: str) -> Call:
        return Call(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=status,
            organization_id=session.tenant.credentials.organization_id if session else None,
            developer_key=developer_key or None,
            at=self._clock(),
        )


class _Outcome:
    """Passes the response on with a date of the sandbox's clock, its status noted before that:
    whoever has the response finds the call in the log.
    """

    def __init__(self, send: Send, clock: Clock, note: Callable[[int], None]) -> None:
        self._send = send
        self._clock = clock
        self._note = note
        self.is_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            self._note(message["status"])
            date = format_datetime(self._clock(), usegmt=True)
            MutableHeaders(scope=message)["date"] = date
        await self._send(message)
