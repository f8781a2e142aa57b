"""Several processes behind one address, with real processes and real connections."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from etl.balancer.headers import COOKIE
from etl.settings import ROOT
from tests.etl.upstream import PART, PARTS

SERVE = """
import sys
from pathlib import Path
from etl.balancer.serve import serve
command = lambda port: [sys.executable, "-m", "tests.etl.upstream", str(port)]
serve(command, 2, int(sys.argv[1]), Path.cwd(), opens=False)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A running balancer over two processes."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-c", SERVE, str(self.port)]
        with log.open("wb") as file:
            self.process = subprocess.Popen(command, cwd=ROOT, stderr=file, start_new_session=True)

    def both_pids(self) -> set[int]:
        """Asked as two new browsers, one after the other has a page open."""
        for _ in range(300):
            pids = {self.pid({COOKIE: name}) for name in "12"} - {None}
            if len(pids) == 2:
                return {pid for pid in pids if pid}
            time.sleep(0.1)
        raise AssertionError("the two processes never served")

    def pid(self, cookies: dict[str, str]) -> int | None:
        try:
            answer = httpx.get(f"{self.url}/pid", cookies=cookies)
        except httpx.TransportError:
            return None
        return int(answer.json()["pid"]) if answer.status_code == 200 else None

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("balancer") / "log")
    try:
        running.both_pids()
        yield running
    finally:
        running.stop()


def raw(served: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
        line.sendall(request)
        line.settimeout(2)
        answer = b""
        try:
            while part := line.recv(65536):
                answer += part
        except TimeoutError:
            pass
        return answer


def told(served: Served, path: str = "/x", **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = httpx.request(
        given.pop("method", "GET"), served.url + path, **given
    ).json()
    return found


def test_a_browser_stays_with_its_process(served: Served) -> None:
    with httpx.Client(base_url=served.url) as browser:
        first = browser.get("/x")
        assert "HttpOnly" in first.headers["set-cookie"]
        pids = {browser.get("/x").json()["pid"] for _ in range(10)}
        assert pids == {first.json()["pid"]}
        assert "set-cookie" not in browser.get("/x").headers


def test_a_new_browser_goes_where_fewer_pages_are_open(served: Served) -> None:
    address = served.url.replace("http", "ws") + "/talk"
    with connect(address) as one, connect(address) as two:
        pids = {json.loads(page.recv())["pid"] for page in (one, two)}
    assert len(pids) == 2


def test_the_websocket_and_the_requests_of_a_browser_meet_the_same_process(served: Served) -> None:
    for name in "12":
        cookie = {"Cookie": f"other=1; {COOKIE}={name}"}
        with connect(f"ws://127.0.0.1:{served.port}/talk", additional_headers=cookie) as page:
            assert json.loads(page.recv())["pid"] == served.pid({COOKIE: name})


def test_a_websocket_passes_bytes_subprotocol_and_closing_code(served: Served) -> None:
    address = f"ws://127.0.0.1:{served.port}/talk?a=b"
    with connect(
        address, subprotocols=["streamlit", "session"], origin=served.url, max_size=None
    ) as page:  # type: ignore[arg-type]
        assert page.subprotocol == "streamlit"
        assert json.loads(page.recv())["headers"]["origin"] == served.url
        page.send(b"\x00" * 3_000_000 + b"\x01")
        assert page.recv() == b"\x01" + b"\x00" * 3_000_000
        page.send(b"close")
        with pytest.raises(ConnectionClosed):
            page.recv()
        assert page.close_code == 4321


def test_a_large_download_arrives_whole_and_as_it_comes(served: Served) -> None:
    length = 0
    with httpx.stream("GET", f"{served.url}/large") as answer:
        assert answer.headers["content-length"] == str(len(PART) * PARTS)
        for part in answer.iter_raw():
            length += len(part)
    assert length == len(PART) * PARTS


def test_a_body_and_an_odd_path_pass_as_they_were_sent(served: Served) -> None:
    seen = told(served, "/a%2Fb/%C3%A9?q=%20&q=2", method="POST", content=b"x" * 200_000)
    assert seen["path"] == "/a%2Fb/%C3%A9"
    assert seen["query"] == "q=%20&q=2"
    assert len(seen["body"]) == 200_000


def test_who_asks_is_told_truthfully_whatever_the_request_claims(served: Served) -> None:
    lies = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6"}
    headers = [tuple(pair) for pair in told(served, headers=lies)["headers"]]
    assert [value for name, value in headers if name == "x-forwarded-for"] == ["127.0.0.1"]
    assert dict(headers)["x-forwarded-proto"] == "http"
    assert dict(headers)["x-forwarded-host"] == f"127.0.0.1:{served.port}"
    assert dict(headers)["host"] == f"127.0.0.1:{served.port}"
    assert "forwarded" not in dict(headers)


def test_what_concerns_one_connection_ends_there(served: Served) -> None:
    sent = {"Connection": "x-hop", "X-Hop": "1", "TE": "trailers", "X-Kept": "1"}
    names = {name for name, _ in told(served, headers=sent)["headers"]}
    assert "x-kept" in names
    assert not names & {"x-hop", "te"}
    answer = httpx.get(served.url + "/x")
    assert "x-public" in answer.headers
    assert "x-private" not in answer.headers


def test_a_second_request_cannot_hide_in_a_first(served: Served) -> None:
    hidden = b"GET /hidden HTTP/1.1\r\nHost: evil\r\n\r\n"
    both = (
        b"POST /first HTTP/1.1\r\nHost: tieout.example\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Length: " + str(5 + len(hidden)).encode() + b"\r\n\r\n0\r\n\r\n" + hidden
    )
    answer = raw(served, both)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"/hidden" not in answer


@pytest.mark.parametrize("host", [b"a/b", b"a@b", b"a b", b"", b"a\r\nHost: b"])
def test_a_host_that_is_none_is_refused(served: Served, host: bytes) -> None:
    answer = raw(served, b"GET /x HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")


def test_half_a_file_is_not_taken_for_a_whole_one(served: Served) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{served.url}/broken")
    served.both_pids()


def test_a_process_that_dies_is_started_again_and_others_serve_meanwhile(served: Served) -> None:
    before = served.both_pids()
    assert httpx.get(f"{served.url}/die", cookies={COOKIE: "1"}).status_code == 503
    assert served.pid({COOKIE: "1"}) == served.pid({COOKIE: "2"})
    after = served.both_pids()
    assert len(before & after) == 1


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "etl", "dashboard", "--processes", "2", "--port", str(served.port)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"Port {served.port} is taken: choose another with --port.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_stops_all(tmp_path: Path, number: signal.Signals) -> None:
    own = Served(tmp_path / "log")
    pids = own.both_pids()
    own.process.send_signal(number)
    own.process.wait(10)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
