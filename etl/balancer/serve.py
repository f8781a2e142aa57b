"""`tieout dashboard --processes N`: the one address, and the crew behind it."""

import asyncio
import contextlib
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from etl.balancer.crew import Crew, Member
from etl.balancer.headers import has_two_lengths, host_of, process_of
from etl.balancer.passing import UnreachableError, pass_request, pass_socket
from etl.errors import TieoutError

__all__ = ["balancer", "serve"]

NONE_READY = "The dashboard is starting: load this page again in a moment."
NOT_CLEAR = "This request names no host that a page could have, or two lengths of its body."
PLENTY = httpx.Limits(max_connections=400, max_keepalive_connections=50)


class Balancer:
    """Hands every request and websocket of a browser to the same process while that lives."""

    def __init__(self, crew: Crew, transport: httpx.AsyncHTTPTransport) -> None:
        self._crew = crew
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if host_of(scope) is None or has_two_lengths(scope):
            refusal = PlainTextResponse(NOT_CLEAR, 400, headers={"connection": "close"})
            await refusal(scope, receive, send)
            return
        member = self._crew.choose(process_of(scope))
        try:
            await self._hand_on(member, scope, receive, send)
        except UnreachableError:
            refusal = PlainTextResponse(NONE_READY, 503, headers={"retry-after": "1"})
            await refusal(scope, receive, send)

    async def _hand_on(
        self, member: Member | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if member is None:
            raise UnreachableError
        if scope["type"] == "websocket":
            await pass_socket(member, scope, receive, send)
        else:
            await pass_request(self._transport, member, scope, receive, send)


def balancer(crew: Crew, opens: str | None = None) -> Starlette:
    """The application; it starts the crew, and stops it when it ends.

    `opens` is the address to open in a browser once somebody answers there.
    """
    transport = httpx.AsyncHTTPTransport(limits=PLENTY)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with transport, crew:
            opening = asyncio.create_task(_open(crew, opens))
            try:
                yield
            finally:
                opening.cancel()

    return Starlette(routes=[Mount("/", Balancer(crew, transport))], lifespan=lifespan)


async def _open(crew: Crew, url: str | None) -> None:
    if url:
        await crew.ready()
        webbrowser.open(url)


def serve(
    command: Callable[[int], Sequence[str]], size: int, port: int, folder: Path, *, opens: bool
) -> None:
    """Serves so many processes of a command at one port of this machine, until it is stopped."""
    with _listening(port) as here:
        url = f"http://127.0.0.1:{port}" if opens else None
        config = uvicorn.Config(
            balancer(Crew(command, size, folder), url),
            log_level="warning",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        uvicorn.Server(config).run(sockets=[here])


def _listening(port: int) -> socket.socket:
    here = socket.socket()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        here.bind(("127.0.0.1", port))
    except OSError:
        here.close()
        raise TieoutError(f"Port {port} is taken: choose another with --port.") from None
    return here
