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

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.clock import system_clock
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.server import running_sandbox
from etl.back_office import open_back_office
from etl.settings import load_settings
from tests.etl.conftest import connected
from tests.etl.dumps import dump

CHANCE = random.Random(20261123)
MOMENTS = [round(CHANCE.uniform(0.02, 1.0), 3) for _ in range(20)]


class Prepared:
    """A connected tenant that was never synced, and what an undisturbed sync of it gives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        started = time.perf_counter()
        self.expected = self.synced(self.fresh("undisturbed"))
        self.seconds = time.perf_counter() - started

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
    with running_sandbox(seeded_world(2026, system_clock, businesses=BUSINESSES[:1])) as sandbox:
        template = load_settings({"TIEOUT_DATA_DIR": str(path / "template")})
        connected(open_back_office(template), sandbox)
        yield Prepared(path)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_sync_killed_anywhere_is_made_whole_by_the_next(
    prepared: Prepared, moment: float
) -> None:
    data = prepared.fresh(f"killed-{moment}")
    process = prepared.start(data)
    time.sleep(moment * prepared.seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert prepared.synced(data) == prepared.expected
