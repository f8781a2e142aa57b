"""The throttle that all processes share, over the store."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from billcom.admission import Allowance
from billcom.errors import BudgetSpentError
from etl.back_office import BackOffice
from etl.store.desks import DeskKeeper, SharedThrottle

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 23, 10, 59, 30, tzinfo=UTC)


def throttle(
    office: BackOffice,
    budget: int = 1000,
    clock: Callable[[], datetime] = lambda: NOW,
    *,
    tenant_id: int = 1,
    is_urgent: bool = True,
) -> SharedThrottle:
    """As another process would have it: with a keeper of its own."""
    desk = DeskKeeper(office.store, "not-a-key")
    return SharedThrottle(
        desk, tenant_id, "008org", Allowance(tenant_calls=budget), clock, is_urgent
    )


def test_the_budget_of_an_hour_is_shared_and_renewed(office: BackOffice) -> None:
    first, second = throttle(office, 3), throttle(office, 3)
    for shared in (first, second, first):
        with shared.call():
            pass
    with pytest.raises(BudgetSpentError, match="renewed at 11:00 UTC"), second.call():
        pass
    assert first.desk.look().calls_of("1", NOW.timestamp()) == 3
    with throttle(office, 3, lambda: NOW + timedelta(minutes=1)).call():
        pass


def test_at_most_three_calls_are_in_flight_over_all_throttles(office: BackOffice) -> None:
    inside, most = 0, 0
    changed = threading.Condition()
    is_full = threading.Event()

    def work() -> None:
        nonlocal inside, most
        shared = throttle(office)
        for _ in range(4):
            with shared.call():
                with changed:
                    inside += 1
                    most = max(most, inside)
                    if inside == 3:
                        is_full.set()
                is_full.wait(60)  # nobody leaves before three are in
                with changed:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3
    desk = throttle(office).desk.look()
    assert (desk.held, desk.waiting) == ({}, {})
    assert desk.calls(NOW.timestamp()) == 32


def test_a_caller_that_fails_gives_its_place_back(office: BackOffice) -> None:
    shared = throttle(office)
    with pytest.raises(ZeroDivisionError), shared.call():
        raise ZeroDivisionError
    assert shared.desk.look().held == {}


def test_a_person_does_not_wait_behind_the_background(office: BackOffice) -> None:
    background, person = throttle(office, is_urgent=False), throttle(office)
    with background.call(), background.call(), person.call():
        assert len(person.desk.look().held) == 3


def test_the_key_itself_is_not_in_the_store(office: BackOffice) -> None:
    with throttle(office).call():
        pass
    kept = b"".join(file.read_bytes() for file in office.settings.data_dir.glob("tieout.db*"))
    assert b"not-a-key" not in kept
