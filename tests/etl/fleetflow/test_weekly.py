"""Loads billed every week by themselves: once, when due where the tenant is, whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from etl.acting import proposing
from etl.errors import UsageError
from etl.fleetflow.mapping import read_mapping
from etl.jobs import bill_by_itself as job
from etl.jobs.tend_fleetflow import tend_fleetflow
from etl.store import alerts
from etl.store.models import AuditEntry, FleetLink
from tests.dashboard.world import World
from tests.etl.fleetflow.side import cut_after, grant_of, link, link_of
from tests.etl.fleetflow.test_fees import FEES, LOADS, keep, load, rows

WEEKLY = FEES.replace("due_days = 5", 'due_days = 5\nbill = "weekly"\nbill_at = 9')
MONDAY = datetime(2025, 8, 4, 9, 0, tzinfo=UTC)  # the first after the mapping was connected


@pytest.fixture
def weekly(world: World) -> World:
    """Harbor, whose loads are billed on Mondays at nine."""
    link(world.office, "harbor", WEEKLY)
    keep(world, LOADS)
    return world


@pytest.fixture
def tend(weekly: World) -> Callable[[datetime], None]:
    def at(moment: datetime) -> None:
        tend_fleetflow(replace(weekly.office, clock=lambda: moment))

    return at


def entries(world: World) -> list[AuditEntry]:
    with world.office.store.read() as session:
        wanted = select(AuditEntry).where(AuditEntry.what == "fleetflow.billed")
        return list(session.scalars(wanted.order_by(AuditEntry.id)))


def told(world: World) -> list[str]:
    with world.office.store.read() as session:
        return [one.sentence for one in alerts.open_alerts(session) if one.kind == job.ALERT]


def due(world: World, zone: str, moment: datetime, weekday: str = "monday") -> str | None:
    grant = replace(grant_of(world.office, "harbor"), time_zone=zone)
    mapping = read_mapping(WEEKLY.replace("bill_at = 9", f'bill_at = 9\nbill_on = "{weekday}"'))
    week = job.week_due(grant, link_of(world.office, "harbor"), mapping, moment)
    return str(week) if week else None


def test_a_week_is_billed_once_when_it_is_due_however_often_this_runs(
    weekly: World, tend: Callable[[datetime], None]
) -> None:
    for hours in (-48, -1, 0, 0, 5, 24 * 6):
        tend(MONDAY + timedelta(hours=hours))
        assert len(rows(weekly)) == (0 if hours < 0 else 2)
    assert {row.proposed_by for row in rows(weekly)} == {"schedule"}
    (entry,) = entries(weekly)
    assert (entry.actor, entry.at) == ("schedule", MONDAY)
    assert entry.detail == {"week": "2025-W31", "receipts": [1, 2], "refused": 0, "left_out": 3}
    keep(weekly, [load("A-9", "C1", "800.00", "2025-08-05")])
    tend(MONDAY + timedelta(days=7))
    assert len(rows(weekly)) == 3
    assert [entry.detail["week"] for entry in entries(weekly)] == ["2025-W31", "2025-W32"]


def test_off_by_default_and_first_on_the_occasion_after_it_was_switched_on(
    weekly: World, tend: Callable[[datetime], None]
) -> None:
    link(weekly.office, "harbor", FEES)
    tend(MONDAY)
    assert rows(weekly) == []
    later = replace(weekly.office, clock=lambda: MONDAY + timedelta(hours=1))
    link(later, "harbor", WEEKLY)
    tend(MONDAY + timedelta(hours=2))
    assert rows(weekly) == []
    link(replace(later, clock=lambda: MONDAY + timedelta(days=8)), "harbor", WEEKLY)
    tend(MONDAY + timedelta(days=9))  # a corrected mapping skips no week
    assert [entry.detail["week"] for entry in entries(weekly)] == ["2025-W32"]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/Los_Angeles", datetime(2025, 11, 3, 17, 0, tzinfo=UTC)),  # clocks went back
        ("Pacific/Auckland", datetime(2025, 11, 2, 20, 0, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_tenants_also_when_clocks_change(
    weekly: World, zone: str, first: datetime
) -> None:
    assert due(weekly, zone, first - timedelta(seconds=1)) == "2025-W43"
    assert due(weekly, zone, first) == "2025-W44"
    assert due(weekly, "UTC", datetime(2025, 11, 9, 9, tzinfo=UTC), "sunday") == "2025-W44"


@pytest.mark.parametrize("after", [0, 1])
def test_a_process_that_ends_in_between_leaves_it_to_the_next(
    weekly: World,
    tend: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    propose = proposing.propose
    monkeypatch.setattr(proposing, "propose", cut_after(propose, after))
    tend(MONDAY)
    monkeypatch.setattr(proposing, "propose", propose)
    assert entries(weekly) == []
    tend(MONDAY + timedelta(minutes=10))
    assert [row.input["customer"]["id"] for row in rows(weekly)] == ["C1", "C3"]
    assert [entry.detail["receipts"] for entry in entries(weekly)] == [[1, 2][after:]]


def test_what_keeps_it_from_being_billed_is_told_once_and_tried_again(
    weekly: World, monkeypatch: pytest.MonkeyPatch, tend: Callable[[datetime], None]
) -> None:
    tries: list[int] = []

    def refused(*_: object, **__: object) -> None:
        tries.append(1)
        raise UsageError("Something is amiss.")

    with monkeypatch.context() as patch:
        patch.setattr(job, "bill_week", refused)
        for minutes in (0, 1, 14, 15, 16):
            tend(MONDAY + timedelta(minutes=minutes))
    assert len(tries) == 2
    assert told(weekly) == ["2025-W31 is not billed yet: Something is amiss."]
    assert entries(weekly) == []
    tend(MONDAY + timedelta(minutes=31))
    assert (told(weekly), len(rows(weekly))) == ([], 2)


def test_no_week_is_billed_from_an_old_book(weekly: World) -> None:
    old = datetime(2035, 8, 6, 12, tzinfo=UTC)
    tend_fleetflow(replace(weekly.office, clock=lambda: old))
    assert rows(weekly) == []
    (sentence,) = told(weekly)
    assert "BILL was not read for more than six hours" in sentence


def test_an_invoice_that_was_refused_is_told_and_the_others_are_proposed(
    weekly: World, monkeypatch: pytest.MonkeyPatch, tend: Callable[[datetime], None]
) -> None:
    propose = proposing.propose

    def some(*given: object, **more: object) -> object:
        effect = given[3]
        if "C1" in str(effect):
            raise UsageError("Not this one.")
        return propose(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(proposing, "propose", some)
    tend(MONDAY)
    assert len(rows(weekly)) == 1
    (sentence,) = told(weekly)
    assert sentence.startswith("2025-W31: the invoice of ")
    assert entries(weekly)[0].detail["refused"] == 1


def test_a_link_that_never_billed_knows_no_week(weekly: World) -> None:
    kept: FleetLink = link_of(weekly.office, "harbor")
    assert (kept.billed_week, kept.bill_not_before) == (None, None)
    assert kept.billing_since == weekly.office.clock()
