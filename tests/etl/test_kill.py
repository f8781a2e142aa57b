"""`kill -9` during a first sync, at twenty random moments."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from billcom.sandbox.server import Sandbox, running_sandbox
from etl.back_office import open_back_office
from etl.settings import load_settings
from etl.store.engine import open_store
from etl.store.runs import recent_runs
from tests.etl.conftest import connected
from tests.etl.dumps import dump
from tests.worlds import written_world

CHANCE = random.Random(20261123)
# How far through its calls a sync is killed, and how many seconds after that: fourteen times while
# it reads, six times while it publishes.
MOMENTS = [(round(CHANCE.random(), 2), round(CHANCE.uniform(0, 0.03), 3)) for _ in range(14)]
MOMENTS += [(1.0, round(CHANCE.uniform(0, 0.5), 3)) for _ in range(6)]


class Prepared:
    """A connected tenant that was never synced, and what an undisturbed sync of it gives."""

    def __init__(self, path: Path, sandbox: Sandbox) -> None:
        self.path = path
        self.sandbox = sandbox
        before = sandbox.calls.total
        self.expected = self.synced(self.fresh("undisturbed"))
        self.all_calls = sandbox.calls.total - before

    def fresh(self, name: str) -> Path:
        return Path(shutil.copytree(self.path / "template", self.path / name))

    def start(self, data: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "etl", "sync", "cascade"],
            env=os.environ | {"TIEOUT_DATA_DIR": str(data)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def synced(self, data: Path) -> dict[str, list[tuple[Any, ...]]]:
        process = self.start(data)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
        return dump(load_settings({"TIEOUT_DATA_DIR": str(data)}), "cascade")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    path = tmp_path_factory.mktemp("kill")
    with running_sandbox(written_world()) as sandbox:
        template = load_settings({"TIEOUT_DATA_DIR": str(path / "template")})
        connected(open_back_office(template), sandbox)
        yield Prepared(path, sandbox)


@pytest.mark.parametrize(("share", "later_s"), MOMENTS)
def test_a_sync_killed_anywhere_is_made_whole_by_the_next(
    prepared: Prepared, share: float, later_s: float
) -> None:
    data = prepared.fresh(f"killed-{share}-{later_s}")
    calls = max(1, int(share * prepared.all_calls))
    target = prepared.sandbox.calls.total + calls
    process = prepared.start(data)
    while prepared.sandbox.calls.total < target:
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(later_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if calls < prepared.all_calls:
        assert latest_status(data) == "running"
    assert prepared.synced(data) == prepared.expected


def latest_status(data: Path) -> str:
    store = open_store(load_settings({"TIEOUT_DATA_DIR": str(data)}))
    with store.read() as session:
        return recent_runs(session, limit=1)[0].status
