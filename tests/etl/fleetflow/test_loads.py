"""Loads read from FleetFlow's table or a file: all of them, once, whatever breaks between."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from etl.back_office import BackOffice
from etl.errors import FleetFlowError, UsageError
from etl.fleetflow.csv_loads import read_loads as loads_of_csv
from etl.fleetflow.load import made_load
from etl.jobs import read_loads as reading
from etl.jobs.fleet_work import at_work
from etl.jobs.read_loads import read_loads
from etl.jobs.tend_fleetflow import tend_fleetflow
from etl.store.models import FleetLoad
from tests.dashboard.world import World, _add_tenant
from tests.etl.fleetflow.side import LOADS, URL, Command, Cut, Fleet, cut_after, link, link_of

MAPPING = URL + LOADS
SERIES = {
    "sqlite": "(with recursive n(x) as (select 1 union all select x + 1 from n where x < {count}) "
    "select x from n)",
    "postgresql": "(select x from generate_series(1, {count}) as n(x))",
}
FILL = (
    "insert into loads select x, 'L-' || x, 'C' || x % 900, 1000 + x * 0.25, 'USD', "
    "'2026-11-18 10:00:00' from {series} as numbers"
)


def fill(fleet: Fleet, count: int) -> None:
    series = SERIES[fleet.engine.dialect.name].format(count=count)
    fleet.do(FILL.format(series=series))


@pytest.fixture
def alone(office: BackOffice) -> BackOffice:
    """An office with a tenant in Los Angeles that was never synced."""
    _add_tenant(office, "harbor")
    return office


def read(office: BackOffice) -> int:
    with at_work(office, "harbor") as work:
        return read_loads(work)


def kept(office: BackOffice) -> list[FleetLoad]:
    with office.store.read() as session:
        found = session.scalars(select(FleetLoad))
        return sorted(found, key=lambda load: (len(load.load_id), load.load_id))


def count(office: BackOffice) -> int:
    with office.store.read() as session:
        return session.scalar(select(func.count()).select_from(FleetLoad)) or 0


@pytest.mark.both_databases
def test_of_a_hundred_thousand_loads_none_is_lost_or_doubled_by_a_cut_half_way(
    alone: BackOffice,
    database_url: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with fleets(database_url, request, tmp_path) as fleet:
        fill(fleet, 100_000)
        link(alone, "harbor", MAPPING, url=fleet.url)
        keep = reading.keep_loads
        monkeypatch.setattr(reading, "keep_loads", cut_after(keep, 10))
        with pytest.raises(Cut):
            read(alone)
        monkeypatch.setattr(reading, "keep_loads", keep)
        began = time.monotonic()
        assert read(alone) == 50_000
        assert time.monotonic() - began < 30
        assert count(alone) == 100_000
        with alone.store.read() as session:
            amounts = session.scalars(select(FleetLoad.amount).where(FleetLoad.number == "L-7"))
            assert list(amounts) == [Decimal("1001.75")]


class fleets:  # noqa: N801 - read as `with fleets(…)`
    """FleetFlow on the database that our own store is on."""

    def __init__(self, url: str, request: pytest.FixtureRequest, path: Path) -> None:
        self.path, self.new = path, None
        if url:
            self.new = request.getfixturevalue("postgresql").new_database("template1")

    def __enter__(self) -> Fleet:
        url = self.new.__enter__() if self.new else f"sqlite:///{self.path / 'fleetflow.db'}"
        self.fleet = Fleet(url)
        return self.fleet

    def __exit__(self, *about: Any) -> None:
        self.fleet.engine.dispose()
        if self.new:
            self.new.__exit__(*about)


@pytest.fixture
def small(alone: BackOffice, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> BackOffice:
    """Twelve loads there, read five at a time."""
    monkeypatch.setattr(reading, "AT_ONCE", 5)
    fill(fleet, 12)
    link(alone, "harbor", MAPPING, url=fleet.url)
    return alone


def test_cut_between_any_two_batches_it_goes_on_from_there(
    small: BackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = reading.keep_loads
    for batches in (1, 2):
        monkeypatch.setattr(reading, "keep_loads", cut_after(keep, 1))
        with pytest.raises(Cut):
            read(small)
        assert count(small) == 5 * batches
    monkeypatch.setattr(reading, "keep_loads", keep)
    assert read(small) == 2
    assert [load.load_id for load in kept(small)] == [str(number) for number in range(1, 13)]
    assert {load.read_pass for load in kept(small)} == {1}


def test_cut_between_a_batch_and_its_place_nothing_is_doubled(
    small: BackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(small, "harbor") as work:
        advance = type(work).advance
        monkeypatch.setattr(type(work), "advance", cut_after(advance, 1))
        with pytest.raises(Cut):
            read_loads(work)
        monkeypatch.setattr(type(work), "advance", advance)
    assert count(small) == 5
    assert read(small) == 12
    assert count(small) == 12


def test_what_changed_there_is_known_anew_and_what_is_gone_is_marked(
    small: BackOffice, fleet: Fleet
) -> None:
    read(small)
    fleet.do("update loads set line_haul = 5 where load_id = 3")
    fleet.do("delete from loads where load_id = 4")
    read(small)
    loads = {load.load_id: load for load in kept(small)}
    assert (loads["3"].amount, loads["4"].gone_at is not None) == (Decimal("5.00"), True)
    assert sum(load.gone_at is not None for load in loads.values()) == 1
    fill_again = "insert into loads values (4, 'L-4', 'C4', 1001, 'USD', null)"
    fleet.do(fill_again)
    read(small)
    loads = {load.load_id: load for load in kept(small)}
    assert (loads["4"].gone_at, loads["4"].delivered_on) == (None, None)


def test_a_table_that_is_suddenly_empty_takes_nothing_away(small: BackOffice, fleet: Fleet) -> None:
    read(small)
    fleet.do("delete from loads")
    with pytest.raises(FleetFlowError, match="lists no load where 12 are known: all are kept"):
        read(small)
    assert [load for load in kept(small) if load.gone_at] == []


def test_it_is_read_by_itself_every_quarter_of_an_hour(small: BackOffice, fleet: Fleet) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    tend_fleetflow(replace(small, clock=lambda: now))
    fleet.do("update loads set line_haul = 5 where load_id = 3")
    tend_fleetflow(replace(small, clock=lambda: now + timedelta(minutes=14)))
    assert {load.read_pass for load in kept(small)} == {1}
    tend_fleetflow(replace(small, clock=lambda: now + timedelta(minutes=15)))
    assert {load.read_pass for load in kept(small)} == {2}


def cells(**different: Any) -> dict[str, Any]:
    return {"id": 7, "customer": "C1", "amount": "10.5", "delivered": None} | different


@pytest.mark.parametrize(
    ("delivered", "on"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 7, 6, 7, 0, tzinfo=UTC), date(2026, 7, 6)),
        (datetime(2026, 11, 23, 7, 59), date(2026, 11, 22)),  # noqa: DTZ001 - as databases give it
        ("2026-11-23 07:59:00.000", date(2026, 11, 22)),
        ("2026-11-23T07:59:00Z", date(2026, 11, 22)),
        ("2026-11-23", date(2026, 11, 23)),
        (date(2026, 11, 23), date(2026, 11, 23)),
        ("", None),
        (None, None),
    ],
)
def test_the_tenants_zone_decides_the_day(delivered: Any, on: date | None) -> None:
    load = made_load(cells(delivered=delivered), time_zone="America/Los_Angeles", currency="USD")
    assert (load.delivered_on, load.fault) == (on, None)


@pytest.mark.parametrize(
    ("different", "fault"),
    [
        ({"amount": None}, "its amount “” is not a number"),
        ({"amount": "1,000"}, "its amount “1,000” is not a number"),
        ({"amount": Decimal("NaN")}, "its amount NaN is not one of a load"),
        ({"amount": "-1"}, "its amount -1 is not one of a load"),
        ({"amount": "1.1234567"}, "its amount 1.1234567 has more than six digits after the point"),
        ({"currency": "usd"}, "its currency “usd” is not three capitals"),
        ({"delivered": "18.11.2026"}, "its delivery “18.11.2026” is not a day"),
        ({"customer": " "}, "it names no customer"),
    ],
)
def test_what_cannot_be_used_is_kept_with_its_reason(different: dict[str, Any], fault: str) -> None:
    load = made_load(cells(**different), time_zone="UTC", currency="USD")
    assert (load.load_id, load.number, load.fault) == ("7", "7", fault)


def test_a_file_is_taken_whole_and_the_same_file_again_is_the_same_loads() -> None:
    text = (
        "number,customer,amount,delivered,currency\r\nA-1,C1,1000.00,2026-11-18,\r\n"
        "\r\nA-2,C2,7,2026-11-19,CAD\r\n"
    )
    loads = loads_of_csv(text, time_zone="UTC", currency="USD")
    assert [(load.load_id, load.amount, load.currency) for load in loads] == [
        ("A-1", Decimal("1000.00"), "USD"),
        ("A-2", Decimal(7), "CAD"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("number,amount\n", "first line must name the columns number, customer"),
        ("number,customer,amount,delivered,colour\n", "first line must name"),
        ("number,customer,amount,delivered\nA,C,1\n", "Line 2: it has 3 cells where 4 are due"),
        ("number,customer,amount,delivered\n,C,1,\n", "Line 2: its id must have 1 to 100"),
        ("number,customer,amount,delivered\nA,C,x,\n", "Line 2: its amount “x” is not a number"),
        (
            "number,customer,amount,delivered\nA,C,1,\n\nA,C,2,\n",
            "Line 4: load A is there twice",
        ),
        ('number,customer,amount,delivered\n"A,C,1,\n', "is not CSV"),
    ],
)
def test_a_file_with_a_mistake_is_one_sentence(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        loads_of_csv(text, time_zone="UTC", currency="USD")
    assert "Nothing was recorded" in str(refused.value)


def test_the_command_line_reads_a_table_and_a_file(
    world: World, tmp_path: Path, command: Command
) -> None:
    fleet = Fleet(f"sqlite:///{tmp_path / 'fleetflow.db'}")
    fill(fleet, 3)
    link(world.office, "harbor", MAPPING, url=fleet.url)
    tieout = command(world)
    assert json.loads(tieout("read", "--json")[1]) == {"tenant": "harbor", "loads": 3}
    file = tmp_path / "loads.csv"
    file.write_text("number,customer,amount,delivered\nA-1,C1,10,2025-07-01\n")
    for _ in range(2):
        assert tieout("read", "--csv", str(file))[0] == 0
    assert count(world.office) == 4
    assert link_of(world.office, "harbor").loads_read_at is not None
    read(world.office)
    assert [load for load in kept(world.office) if load.gone_at] == []
    file.write_text("number,customer,amount,delivered\nA-1,C1,x,\n")
    code, _, said = tieout("read", "--csv", str(file))
    assert (code, said.startswith("Line 2")) == (2, True)
