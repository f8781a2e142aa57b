"""A receiver of webhooks on this machine that answers as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request: its signature, its bytes."""

    signature: str
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`statuses` are answered one after the other, then 200; `slow_s` is waited before each."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    always: int = 200
    slow_s: float = 0.0
    received: list[Received] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [one.event["metadata"]["eventType"] for one in self.received]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append(Received(self.headers["x-bill-sha-signature"], body))
            time.sleep(receiver.slow_s)
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else receiver.always)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def eventually(is_so: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait until something is so, and fail when it does not become so in time."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.005)
