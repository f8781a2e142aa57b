"""What the shared throttle adds to a call while four processes contend."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import percentile, tell
from tests.etl.postgresql import running_server

CALLS = 400
HOLD_S = 0.02
PROCESSES = 4


def run(folder: Path) -> None:
    """The shared throttle, four processes on one developer key, no place to wait for."""
    _contend("SQLite", folder, "", "p50 under 2 ms")
    with running_server() as server, server.new_database() as url:
        _contend("PostgreSQL", folder, url, "p50 under 8 ms")


def _contend(store: str, folder: Path, database_url: str, bound: str) -> None:
    command = [sys.executable, "-m", "tests.bench.contenders"]
    processes = [
        subprocess.Popen(
            [*command, str(folder / store), database_url, f"008org{n}", str(CALLS), str(HOLD_S)],
            stdout=subprocess.PIPE,
        )
        for n in range(PROCESSES)
    ]
    added = [ms for process in processes for ms in json.loads(process.communicate()[0])]
    figures = " / ".join(f"{percentile(added, p):.2f}" for p in (50, 95, 99))
    tell(f"{store}: ms a call, coming and leaving, p50 / p95 / p99", figures, bound)
