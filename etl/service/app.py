"""The back office's own small server: is it alive, is it ready, how is it doing.

It listens on this machine only; what watches from elsewhere comes through a proxy.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from etl.back_office import BackOffice
from etl.errors import StoreError, TieoutError
from etl.service.exposition import exposition
from etl.service.webhooks import webhook_route

__all__ = ["listening"]

HOST = "127.0.0.1"
GRACE_S = 2


def service_app(office: BackOffice) -> Starlette:
    """`/healthz`: the process answers. `/readyz`: its store does, and it is not stopping.

    `/webhooks/`, for BILL, is the only one that a proxy should let in from outside.
    """

    def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def readyz(_request: Request) -> Response:
        if office.stopping.is_set():
            return PlainTextResponse("stopping\n", status_code=503)
        try:
            with office.store.read() as session:
                session.execute(text("select 1"))
        except (SQLAlchemyError, StoreError):
            return PlainTextResponse("the operational store does not answer\n", status_code=503)
        return PlainTextResponse("ready\n")

    def metrics(_request: Request) -> Response:
        return Response(exposition(office), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            webhook_route(office),
        ]
    )


@contextmanager
def listening(office: BackOffice, port: int) -> Iterator[str]:
    """Serves until the block ends and gives the address; TieoutError where the port is taken.

    Port 0 takes a free one.
    """
    with _bound(port) as listener:
        config = uvicorn.Config(
            service_app(office),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(GRACE_S + 1)


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(32)
    except OSError:
        listener.close()
        raise TieoutError(
            f"Port {port} is taken: choose another for the back office with --port."
        ) from None
    return listener
