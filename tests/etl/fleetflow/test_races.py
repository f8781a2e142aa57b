"""Two at once, on both databases: one works at a link, and a key gets its loads once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from etl.back_office import BackOffice
from etl.store import fleet_links, fleet_loads
from tests.dashboard.world import _add_tenant
from tests.etl.fleetflow.side import grant_of, link
from tests.etl.fleetflow.test_fees import FEES, load

pytestmark = pytest.mark.both_databases


@pytest.fixture
def linked(office: BackOffice) -> BackOffice:
    _add_tenant(office, "harbor")
    link(office, "harbor", FEES)
    return office


def at_once(times: int, do: Callable[[int], Any]) -> list[Any]:
    """What each of several threads gave that began together."""
    gate, given = threading.Barrier(times), []

    def run(number: int) -> None:
        gate.wait()
        given.append(do(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_of_many_that_claim_a_link_one_has_it(linked: BackOffice) -> None:
    tenant_id = grant_of(linked, "harbor").tenant_id

    def claim(_number: int) -> bool:
        with linked.store.begin() as session:
            return fleet_links.claim(session, tenant_id, linked.clock()) is not None

    assert sorted(at_once(6, claim)) == [False] * 5 + [True]


def test_a_key_gets_the_loads_of_one_run_and_a_load_has_one_key(linked: BackOffice) -> None:
    tenant_id = grant_of(linked, "harbor").tenant_id
    with linked.store.begin() as session:
        loads = [load(f"L-{number}", "C1", "100.00", "2025-07-22") for number in range(12)]
        fleet_loads.keep(session, tenant_id, loads)
    ids = [f"L-{number}" for number in range(12)]

    def assign(number: int) -> None:
        # Three pairs of runs for a key each, every one with other loads than its twin.
        with linked.store.begin() as session:
            mine = ids[: 6 + number]
            fleet_loads.assign(session, tenant_id, f"key {number // 2}", mine)

    at_once(6, assign)
    with linked.store.read() as session:
        given = [fleet_loads.of_key(session, tenant_id, f"key {n}") for n in range(3)]
    names = [one.number for loads_of_key in given for one in loads_of_key]
    assert len(names) == len(set(names))
    assert {one.bill_key for loads_of_key in given for one in loads_of_key} <= {
        f"key {n}" for n in range(3)
    }
    before = [len(loads_of_key) for loads_of_key in given]
    with linked.store.begin() as session:
        fleet_loads.keep(session, tenant_id, [load("L-99", "C1", "100.00", "2025-07-22")])
        for number, size in enumerate(before):
            if size:
                fleet_loads.assign(session, tenant_id, f"key {number}", [*ids, "L-99"])
    with linked.store.read() as session:
        after = [len(fleet_loads.of_key(session, tenant_id, f"key {n}")) for n in range(3)]
    assert after == before
    assert sum(before) >= 6
