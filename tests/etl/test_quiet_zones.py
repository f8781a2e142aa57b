"""Quiet hours by the customer's own clock, where its address leaves no doubt which that is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from etl.notices.zones import STATES, ZONE_OF_STATE, zone_of
from tests.dashboard.world import World, copied_world, make_world, publish
from tests.etl.books import at, customer, golden
from tests.etl.mailbox import mail_server
from tests.etl.test_notices import NOON, Desk


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("zones") / "data")


@pytest.fixture
def desk(pristine: World, tmp_path: Path) -> Iterator[Desk]:
    world = copied_world(pristine, tmp_path / "data")
    with mail_server() as (box, port):
        yield Desk(world, box, port)
    world.office.store.engine.dispose()


@pytest.mark.parametrize(
    ("country", "state", "zone"),
    [
        ("US", "CA", "America/Los_Angeles"),
        (" us ", "ny", "America/New_York"),
        ("US", "HI", "Pacific/Honolulu"),
        ("US", "TX", None),  # El Paso
        ("US", "AZ", None),  # the Navajo Nation
        ("US", "", None),
        ("US", "California", None),
        ("JP", "", "Asia/Tokyo"),
        ("NL", "", "Europe/Amsterdam"),
        ("DE", "", "Europe/Berlin"),  # two zones that have kept the same time for long
        ("FR", "", "Europe/Paris"),
        ("CA", "ON", None),
        ("AU", "NSW", None),
        ("ES", "", None),  # the Canaries
        ("XX", "", None),
        ("", "CA", None),
    ],
)
def test_a_zone_is_told_only_where_the_address_leaves_no_doubt(
    country: str, state: str, zone: str | None
) -> None:
    assert zone_of(country, state, 2026) == zone


def test_every_state_is_in_one_zone_that_there_is() -> None:
    assert set(STATES) <= available_timezones()
    assert len(ZONE_OF_STATE) == sum(len(states.split()) for states in STATES.values())


def of_c4(country: str, state: str) -> dict[str, object]:
    place = {"line1": "1 Main St", "city": "Somewhere", "stateOrProvince": state}
    return {"billingAddress": place | {"country": country}, "updatedTime": at("2025-04-01")}


@pytest.mark.parametrize(
    ("country", "state", "hour"),
    [
        ("US", "CA", 15),  # eight in Los Angeles
        ("JP", "", 23),  # eight in Tokyo, where it is night from eleven in the morning of UTC on
        ("US", "TX", 8),  # either of two: the tenant's
    ],
)
def test_a_letter_leaves_when_it_is_morning_where_the_customer_is(
    desk: Desk, country: str, state: str, hour: int
) -> None:
    book = golden()
    book["customers"][-1] = customer("C4", **of_c4(country, state))
    publish(desk.world.office, "harbor", book)
    desk.prefer("failed_payment")
    morning = NOON.replace(hour=hour)
    desk.now = morning - timedelta(minutes=1)
    assert desk.send() == {}
    desk.now = morning
    assert desk.send() == {"sent": 1}


def test_a_letter_that_waits_does_so_until_the_customers_morning(desk: Desk) -> None:
    book = golden()
    book["customers"][-1] = customer("C4", **of_c4("US", "NY"))
    publish(desk.world.office, "harbor", book)
    desk.prefer("failed_payment")
    desk.box.answers = ["451 Later"]
    desk.now = NOON.replace(hour=23, minute=55)  # five to eight in New York
    assert desk.send() == {"waiting": 1}
    desk.now += timedelta(minutes=10)
    assert desk.send() == {"waiting": 1}
    assert desk.letters()[0].not_before == NOON.replace(hour=12) + timedelta(days=1)
