"""Promises to pay: a broken one is among what there is to do until the money came."""

from datetime import UTC, datetime

import pytest

from etl.desk import Desk
from etl.errors import UnknownTenantError
from etl.to_do import Task
from tests.dashboard.world import World, make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("promises"))


def desk_on(world: World, day: str) -> Desk:
    at = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    return Desk(world.settings, world.office.store, lambda: at)


def promise(world: World, customer: str, promised_on: str, amount: str | None) -> None:
    given = {"customerId": customer, "promisedOn": promised_on}
    given |= {"amount": amount} if amount else {}
    key = f"{customer}-{promised_on}-{amount}"
    noting = desk_on(world, "2025-06-20")
    noting.propose(world.people["alice"], "harbor", "customer.promise", given, key)


def broken(world: World, day: str) -> list[Task]:
    tasks = desk_on(world, day).tasks(world.people["alice"], "harbor")
    return [task for task in tasks if task.kind == "promise"]


def test_a_promise_is_broken_once_its_day_is_over_and_nothing_came(world: World) -> None:
    promise(world, "C2", "2025-06-25", "1500")
    assert broken(world, "2025-06-25") == []
    (task,) = broken(world, "2025-06-30")
    assert (task.customer_id, task.customer, task.days) == ("C2", "Customer C2", 5)
    assert (str(task.amount), task.currency) == ("1500", "CAD")
    assert task.next == "Call: nothing came since"
    assert broken(world, "2025-12-01") == []  # after 90 days its invoices are called about
    with pytest.raises(UnknownTenantError):
        desk_on(world, "2025-06-30").tasks(world.people["charlie"], "harbor")


def test_a_newer_promise_takes_its_place(world: World) -> None:
    promise(world, "C2", "2025-07-10", "2000")
    assert broken(world, "2025-06-30") == []
    (task,) = broken(world, "2025-07-11")
    assert task.document == "Promised for 2025-07-10"


def test_money_that_came_since_the_note_keeps_it(world: World) -> None:
    # 75.00 came on 25 June and 250.00 on 2 July; 600.00 of C1 had come before the note.
    promise(world, "C3", "2025-07-02", "325.00")
    assert "C3" not in {task.customer_id for task in broken(world, "2025-07-03")}
    promise(world, "C3", "2025-07-02", "325.01")
    (task,) = (task for task in broken(world, "2025-07-03") if task.customer_id == "C3")
    assert task.next == "Call: only 325.00 USD came since"
    promise(world, "C1", "2025-07-02", None)
    assert "C1" in {task.customer_id for task in broken(world, "2025-07-03")}
