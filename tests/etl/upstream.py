"""What stands in for a dashboard behind the balancer: it tells what reached it.

python -m tests.etl.upstream PORT
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PART, PARTS = b"0123456789abcdef" * 4096, 400


async def told(request: Request) -> Response:
    body = await request.body()
    return JSONResponse(
        {
            "pid": os.getpid(),
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": [[k.decode(), v.decode()] for k, v in request.headers.raw],
            "body": body.decode(),
        },
        headers={"connection": "x-private", "x-private": "1", "x-public": "1"},
    )


async def large(_: Request) -> Response:
    return StreamingResponse(_parts(), headers={"content-length": str(len(PART) * PARTS)})


async def broken(_: Request) -> Response:
    """Promises more than comes."""
    return StreamingResponse(_one_part(), headers={"content-length": str(len(PART) * PARTS)})


async def _one_part() -> AsyncIterator[bytes]:
    yield PART
    os._exit(3)


async def _parts() -> AsyncIterator[bytes]:
    for _ in range(PARTS):
        yield PART
        await asyncio.sleep(0)


async def die(_: Request) -> Response:
    os._exit(3)


async def talk(socket: WebSocket) -> None:
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocol=offered[0] if offered else None)
    await socket.send_json({"pid": os.getpid(), "headers": dict(socket.headers)})
    try:
        while True:
            text = await socket.receive_bytes()
            if text == b"close":
                await socket.close(4321)
                return
            await socket.send_bytes(text[::-1])
    except WebSocketDisconnect:
        return


app = Starlette(
    routes=[
        Route("/large", large),
        Route("/broken", broken),
        Route("/die", die),
        WebSocketRoute("/talk", talk),
        Route("/{rest:path}", told, methods=["GET", "POST", "DELETE"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
