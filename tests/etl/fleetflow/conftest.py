"""What tests of FleetFlow begin with."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dashboard.world import World, copied_world, make_world
from tests.etl.fleetflow.side import AUGUST, Command, Fleet, shell


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("pristine") / "data")


@pytest.fixture
def world(pristine: World, tmp_path: Path) -> Iterator[World]:
    made = copied_world(pristine, tmp_path / "data")
    made = replace(made, office=replace(made.office, clock=lambda: AUGUST))
    yield made
    made.office.store.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    if request.param == "sqlite":
        yield Fleet(f"sqlite:///{tmp_path / 'fleetflow.db'}")
        return
    with request.getfixturevalue("postgresql").new_database("template1") as url:
        made = Fleet(url)
        yield made
        made.engine.dispose()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return shell(monkeypatch, capsys)
