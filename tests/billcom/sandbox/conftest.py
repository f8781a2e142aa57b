from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from tests.billcom.sandbox.caller import Caller

# A Friday afternoon in Los Angeles, far from an hour's or a day's end.
FRIDAY = datetime(2026, 9, 18, 20, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """One server for all tests, because starting and stopping one takes longer than most tests."""
    with running_sandbox(World([], SettableClock(FRIDAY))) as running:
        yield running


@pytest.fixture
def clock(server: Sandbox) -> SettableClock:
    clock = server.world.clock
    assert isinstance(clock, SettableClock)
    clock.set(FRIDAY)
    return clock


@pytest.fixture
def world(server: Sandbox, clock: SettableClock) -> World:
    """Two new tenants, always two, so that whatever leaks between them shows."""
    pair = (empty_tenant("alder", "Alder", clock), empty_tenant("birch", "Birch", clock))
    server.world.tenants = pair
    server.world.use_knobs(Knobs())
    server.faults.clear()
    return server.world


@pytest.fixture
def sandbox(server: Sandbox, world: World) -> Sandbox:
    server.calls.clear()
    return server


@pytest.fixture
def alder(sandbox: Sandbox) -> Caller:
    return Caller(sandbox, sandbox.tenants[0])


@pytest.fixture
def birch(sandbox: Sandbox) -> Caller:
    return Caller(sandbox, sandbox.tenants[1])


@pytest.fixture(scope="session")
def seeded() -> World:
    """All three businesses, only to be looked at."""
    return seeded_world(7, SettableClock(FRIDAY))
