from datetime import UTC, datetime

import pytest

from billcom.sandbox.clock import SettableClock, system_clock
from billcom.sandbox.server import Address, PortTakenError, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from tests.billcom.sandbox.caller import Caller


def test_a_clock_given_to_the_server_replaces_the_worlds_own() -> None:
    world = World([empty_tenant("alder", "Alder", system_clock)], system_clock)
    clock = SettableClock(datetime(2030, 1, 1, tzinfo=UTC))
    with running_sandbox(world, clock=clock) as sandbox:
        created = Caller(sandbox, sandbox.tenants[0]).customer()["createdTime"]
    assert created == "2030-01-01T00:00:00.000+00:00"


def test_a_world_outlives_its_server(world: World) -> None:
    with running_sandbox(world) as sandbox:
        customer_id = Caller(sandbox, sandbox.tenants[0]).customer()["id"]
    with running_sandbox(world) as sandbox:
        assert Caller(sandbox, sandbox.tenants[0]).get(f"/customers/{customer_id}").is_success


def test_two_servers_cannot_share_a_port(world: World) -> None:
    with running_sandbox(world) as sandbox:
        port = int(sandbox.base_url.removesuffix("/connect").rpartition(":")[2])
        with pytest.raises(PortTakenError), running_sandbox(world, address=Address(port=port)):
            pass


def test_a_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SettableClock(datetime(2026, 1, 1))  # noqa: DTZ001  the mistake under test
