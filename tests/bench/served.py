"""The dashboard as people start it, in processes of our own that end with the bench."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from etl.balancer.headers import COOKIE
from etl.settings import ROOT, Settings

__all__ = ["Served", "serving"]

STARTS_WITHIN_S, STOPS_WITHIN_S = 60.0, 10.0


class Served:
    """A running `tieout dashboard`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"

    def ready(self, processes: int) -> None:
        """Waits until each of its processes answers."""
        ends = time.monotonic() + STARTS_WITHIN_S
        waited = {str(number) for number in range(1, processes + 1)}
        while waited:
            assert time.monotonic() < ends, "the dashboard did not start"
            waited -= {name for name in waited if self._answers(name)}
            time.sleep(0.05)

    def _answers(self, name: str) -> bool:
        """Whether the process of this name does: one that is not ready is stood in for by another,
        which says so in a cookie."""
        try:
            answer = httpx.get(
                f"{self.url}/_stcore/health", headers={"cookie": f"{COOKIE}={name}"}, timeout=5
            )
        except httpx.TransportError:
            return False
        return answer.is_success and COOKIE not in answer.cookies

    def memory_mb(self) -> dict[int, int]:
        """Resident memory of each of its processes, by process id."""
        return {pid: _resident_mb(pid) for pid in _family(self._process.pid)}


@contextmanager
def serving(settings: Settings, log: Path, processes: int = 1) -> Iterator[Served]:
    """Starts it, waits until it answers, and ends it with whatever it started."""
    port = _free_port()
    command = [sys.executable, "-m", "etl", "dashboard", "--no-browser", f"--port={port}"]
    with log.open("ab") as said:
        process = subprocess.Popen(
            [*command, f"--processes={processes}"],
            cwd=ROOT,
            env=os.environ | {"TIEOUT_DATA_DIR": str(settings.data_dir)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            served = Served(process, port)
            served.ready(processes)
            yield served
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """A group of its own, so nobody else is in it."""
    for stop in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, stop)
            try:
                process.wait(STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from _family(int(child))


def _resident_mb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024**2
