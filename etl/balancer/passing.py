"""Requests and websockets, handed to a process and back as they come, never held whole."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from etl.balancer.crew import Member
from etl.balancer.headers import forwarded, host_of, passing, process_cookie

__all__ = ["UnreachableError", "pass_request", "pass_socket"]

TIMEOUT_S = {"connect": 5.0, "read": 300.0, "write": 60.0, "pool": 30.0}
TRY_AGAIN, WENT_AWAY = 1012, 1001


class UnreachableError(Exception):
    """A process did not answer; nothing was sent to the browser yet."""


async def pass_request(
    transport: httpx.AsyncHTTPTransport, member: Member, scope: Scope, receive: Receive, send: Send
) -> None:
    """One HTTP request; UnreachableError where the process does not answer.

    What breaks off later ends the browser's connection, so that half a file is not taken for one.
    """
    names = {name for name, _ in scope["headers"]}
    has_body = bool(names & {b"content-length", b"transfer-encoding"})
    request = httpx.Request(
        scope["method"],
        f"http://127.0.0.1:{member.port}/",
        headers=forwarded(scope),
        content=_body(receive) if has_body else None,
        extensions={"target": _target(scope), "timeout": TIMEOUT_S},
    )
    try:
        answer = await transport.handle_async_request(request)
    except (httpx.TransportError, OSError) as error:
        raise UnreachableError from error
    try:
        headers = passing(answer.headers.raw) + process_cookie(scope, member.name)
        start = {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        await send(start)
        async for part in answer.aiter_raw():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await answer.aclose()


def _target(scope: Scope) -> bytes:
    """The path and query exactly as they were asked for."""
    query: bytes = scope["query_string"]
    path: bytes = scope.get("raw_path") or b"/"
    return path + (b"?" + query if query else b"")


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise OSError("the browser went away")
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def pass_socket(member: Member, scope: Scope, receive: Receive, send: Send) -> None:
    """One websocket, for as long as both ends keep it open."""
    browser = WebSocket(scope, receive, send)
    try:
        upstream = await _connected(member, scope)
    except (WebSocketException, OSError, TimeoutError):
        await browser.close(TRY_AGAIN)
        return
    member.sockets += 1
    try:
        async with upstream:
            cookie = process_cookie(scope, member.name)
            await browser.accept(subprotocol=upstream.subprotocol, headers=cookie)
            await _until_one_ends(_to_process(browser, upstream), _to_browser(upstream, browser))
    finally:
        member.sockets -= 1


async def _connected(member: Member, scope: Scope) -> ClientConnection:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in forwarded(scope)
        if name != b"host" and not name.startswith(b"sec-websocket-")
    ]
    return await connect(
        f"ws://{host_of(scope)}{_target(scope).decode('latin-1')}",
        host="127.0.0.1",
        port=member.port,
        additional_headers=headers,
        subprotocols=scope["subprotocols"] or None,
        user_agent_header=None,
        compression=None,  # not worth it on one machine
        max_size=None,  # a page's message may hold a long table
        ping_interval=None,  # both ends ask each other already
        proxy=None,
    )


async def _until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _to_process(browser: WebSocket, upstream: ClientConnection) -> None:
    try:
        while True:
            message = await browser.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            await upstream.send(message["bytes"] if text is None else text)
    except ConnectionClosed:
        return


async def _to_browser(upstream: ClientConnection, browser: WebSocket) -> None:
    try:
        async for message in upstream:
            if isinstance(message, str):
                await browser.send_text(message)
            else:
                await browser.send_bytes(message)
    except WebSocketDisconnect:
        return
    except ConnectionClosed:
        pass  # with another code than the usual ones
    code = upstream.close_code
    # 1005 and 1006 say that no code came; they may not be sent.
    await browser.close(code if code and code not in {1005, 1006} else WENT_AWAY)
