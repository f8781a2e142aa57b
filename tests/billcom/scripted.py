"""An HTTP server that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` closes the connection without any."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    def content(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


LOGIN = Reply(body={"sessionId": "session-1", "userId": "006user", "organizationId": "008org"})


def problem(code: str | None, message: str, status: int = 422, **more: Any) -> Reply:
    """An error in BILL's envelope."""
    return Reply(status, [{"code": code, "severity": "ERROR", "message": message, **more}])


class Scripted:
    """Answers logins always the same way, everything else in the order of `replies`.

    `dates_itself`: its answers bear the date of this machine.
    """

    dates_itself = True

    def __init__(self, *replies: Reply, login: Reply = LOGIN) -> None:
        self.replies = list(replies)
        self.login = login
        self.asked: list[Asked] = []
        self.logins = 0
        self.base_url = ""

    def reply_to(self, asked: Asked) -> Reply:
        if asked.path == "/connect/v3/login":
            self.logins += 1
            return self.login
        self.asked.append(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def serving(script: Scripted) -> Iterator[Scripted]:
    """The script on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = script.reply_to(
                Asked(
                    self.command,
                    parts.path,
                    parse_qs(parts.query),
                    headers,
                    self.rfile.read(length),
                )
            )
            if reply.cut:
                self.close_connection = True
                return
            content = reply.content()
            if script.dates_itself:
                self.send_response(reply.status)
            else:
                self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the base class's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    script.base_url = f"http://127.0.0.1:{server.server_port}/connect"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
