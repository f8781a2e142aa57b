"""What a fault does to a call: the application wrapped once for each fault that hits."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from billcom.sandbox.access import Access
from billcom.sandbox.answers import refusal
from billcom.sandbox.errors import (
    ApiError,
    ConcurrencyLimitError,
    HourlyLimitError,
    InjectedError,
    SessionInvalidError,
)
from billcom.sandbox.exchanges import Answer, captured
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.wire import NotJsonError, Record, decode, encode
from billcom.sandbox.world import World

_ROOTS = ("/connect-events", "/connect")
_HTML = b"<html><head><title>Service unavailable</title></head><body>Try later.</body></html>"
_NEW_FIELD = {"sandboxNovelty": "a field nobody has heard of"}
_NEW_STATUS = "NEVER_HEARD_OF"

Mishap = Callable[[ASGIApp, Fault, Scope, Receive, Send], Awaitable[None]]


def path_below_root(path: str) -> str:
    """The path as faults are matched on it: `/connect/v3/invoices` is `/v3/invoices`."""
    for root in _ROOTS:
        if path.startswith(root + "/"):
            return path.removeprefix(root)
    return path


class Mishaps:
    """The application with the faults in force let loose on it."""

    def __init__(self, app: ASGIApp, *, faults: Faults, access: Access, world: World) -> None:
        """Sessions that expire are ended in `access`."""
        self._app = app
        self._faults = faults
        self._access = access
        self._world = world
        made_up = self._answer_instead
        self._mishaps: dict[str, Mishap] = {
            "status": made_up,
            "hour_limit": made_up,
            "concurrency_limit": made_up,
            "html": made_up,
            "empty": made_up,
            "gateway": made_up,
            "reset": _cut,
            "lost_answer": _cut,
            "slow": _delay,
            "truncated": _truncate,
            "drip": _drip,
            "expired_session": self._expire,
            "duplicate_error": partial(_rewrite, _doubled),
            "clock_skew": _skew,
            "unknown_field": partial(_rewrite, _with_novelty),
            "unknown_enum": partial(_rewrite, _with_new_status),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, or what the faults leave of it."""
        drawn = self._faults.draw(scope["method"], path_below_root(scope["path"]))
        scope["state"]["fault"] = "+".join(fault.kind for fault in drawn) or None
        app = self._app
        for fault in reversed(drawn):
            app = partial(self._mishaps[fault.kind], app, fault)
        await app(scope, receive, send)

    async def _answer_instead(
        self, app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.when == "after":
            await captured(app, scope, receive)
        await self._made_up(fault)(scope, receive, send)

    def _made_up(self, fault: Fault) -> Response:
        status = fault.answer_status
        if fault.kind == "html":
            return Response(_HTML, status, media_type="text/html")
        if fault.kind == "empty":
            return Response(b"", status)
        if fault.kind == "gateway":
            return Response(encode({"message": _gateway_words(status)}), status, _JSON_HEADERS)
        return self._refusal(_ERRORS[fault.kind](), fault.status)

    async def _expire(
        self, app: ASGIApp, _fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["state"]["session"] is None:
            await app(scope, receive, send)
            return
        self._access.log_out(scope["state"]["session_id"])
        await self._refusal(SessionInvalidError())(scope, receive, send)

    def _refusal(self, error: ApiError, status: int | None = None) -> Response:
        return refusal(error, self._world.clock(), self._world.knobs, status=status)


_ERRORS: dict[str, Callable[[], ApiError]] = {
    "status": InjectedError,
    "hour_limit": partial(HourlyLimitError, 20_000),
    "concurrency_limit": ConcurrencyLimitError,
}
_JSON_HEADERS = {"content-type": "application/json"}


def _gateway_words(status: int) -> str:
    return "Forbidden" if status == 403 else "Unauthorized"


async def _cut(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
    if fault.kind == "lost_answer" or fault.when == "after":
        await captured(app, scope, receive)
    await scope["state"]["hang_up"](reset=True)


async def _delay(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.when == "before":
        await asyncio.sleep(fault.delay_s)
        await app(scope, receive, send)
        return
    answer = await captured(app, scope, receive)
    await asyncio.sleep(fault.delay_s)
    await answer.send(send)


async def _truncate(
    app: ASGIApp, _fault: Fault, scope: Scope, receive: Receive, send: Send
) -> None:
    answer = await captured(app, scope, receive)
    await answer.begin(send)
    await answer.send_part(send, answer.body[: len(answer.body) // 2])
    await scope["state"]["hang_up"](reset=False)


async def _drip(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    answer = await captured(app, scope, receive)
    await answer.begin(send)
    pause_s = fault.delay_s / max(1, len(answer.body))
    for byte in answer.body:
        await answer.send_part(send, bytes([byte]))
        await asyncio.sleep(pause_s)
    await answer.end(send)


async def _skew(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"]["date_skew"] = timedelta(seconds=fault.delay_s)
    await app(scope, receive, send)


async def _rewrite(
    change: Callable[[Answer, Any, str], Any],
    app: ASGIApp,
    _fault: Fault,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    answer = await captured(app, scope, receive)
    try:
        body = change(answer, decode(answer.body), scope["path"])
    except NotJsonError:
        await answer.send(send)
        return
    await answer.with_body(encode(body)).send(send)


def _doubled(answer: Answer, body: Any, path: str) -> Any:
    if answer.is_success or not isinstance(body, list):
        return body
    named = path.split("/")[4:5] or ["00000000000000000000"]
    again = [{**error, "message": f"{named[0]} : {error['message']}"} for error in body]
    return body + again


def _with_novelty(answer: Answer, body: Any, _path: str) -> Any:
    return _each_record(answer, body, lambda record: {**record, **_NEW_FIELD})


def _with_new_status(answer: Answer, body: Any, _path: str) -> Any:
    def change(record: Record) -> Record:
        return (
            {**record, "status": _NEW_STATUS} if isinstance(record.get("status"), str) else record
        )

    return _each_record(answer, body, change)


def _each_record(answer: Answer, body: Any, change: Callable[[Record], Record]) -> Any:
    if not answer.is_success or not isinstance(body, dict):
        return body
    if isinstance(body.get("results"), list):
        return {**body, "results": [change(record) for record in body["results"]]}
    return change(body) if "id" in body else body
