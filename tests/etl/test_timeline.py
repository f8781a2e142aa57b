"""A customer's timeline: events, failures and actions on one line of days, newest first."""

from datetime import date

import pytest

from etl.desk import Desk
from etl.errors import UnknownTenantError
from etl.metrics.figures import Figures
from etl.store import letters
from etl.store.models import OutboxRow
from etl.store.tenants import find_tenant
from etl.timeline import TIMELINE
from tests.dashboard.world import World, make_world

TODAY = date(2100, 1, 1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("timeline"))


@pytest.fixture(scope="module")
def desk(world: World) -> Desk:
    return Desk(world.settings, world.office.store, world.office.clock)


def timeline(
    desk: Desk, world: World, customer: str, as_of: date = TODAY, who: str = "alice"
) -> Figures:
    seq = desk.published(world.people[who], "harbor").seq
    return desk.timeline(world.people[who], "harbor", customer, as_of, seq)


def lines(figures: Figures) -> list[tuple[str, str, str, str]]:
    return [
        (str(row["on"]), row["event"], row["document"], str(row["balance"]))
        for row in figures.records()
    ]


def test_events_come_newest_first_with_the_balance_after_each(desk: Desk, world: World) -> None:
    assert lines(timeline(desk, world, "C1", date(2025, 6, 30))) == [
        ("2025-06-10", "credit_issued", "CM1", "780.00"),
        ("2025-06-01", "invoice_issued", "I2", "900.00"),
        ("2025-05-20", "payment_applied", "I1", "400.00"),
        ("2025-04-01", "invoice_issued", "I1", "1000.00"),
    ]


def test_a_failed_payment_stands_after_what_it_undid_and_changes_nothing(
    desk: Desk, world: World
) -> None:
    found = timeline(desk, world, "C4", date(2025, 6, 30))
    assert lines(found)[:3] == [
        ("2025-04-12", "payment_failed", "P2", "None"),
        ("2025-04-12", "payment_reversed", "I4", "300.00"),
        ("2025-04-10", "payment_applied", "I4", "0.00"),
    ]
    failure = found.records()[0]
    assert (str(failure["amount"]), failure["status"]) == ("300.00", "VOID")


def test_actions_on_the_customer_and_their_invoices_are_on_it(desk: Desk, world: World) -> None:
    alice = world.people["alice"]
    given = {"id": "I2", "recipient": {"to": ["pay@carrier.example"]}}
    desk.propose(alice, "harbor", "invoice.email", given, "timeline-1")
    with world.office.store.begin() as session:
        kept = session.query(OutboxRow).filter_by(idempotency_key="timeline-1").one()
        kept.outcome = "Waits for BILL."
    desk.propose(alice, "harbor", "customer.note", {"customerId": "C1", "text": "Called."}, "t-2")
    first, second, third, *_ = timeline(desk, world, "C1").records()
    assert (first["event"], first["by"], first["status"], first["said"]) == (
        "customer.note",
        "alice@harbor.example",
        "done",
        "Called.",
    )
    assert (second["event"], second["document"], second["status"], second["said"]) == (
        "invoice.email",
        "I2",
        "queued",
        "Waits for BILL.",
    )
    assert third["event"] == "credit_issued"
    assert {row["event"] for row in timeline(desk, world, "C3").records()}.isdisjoint(
        {"invoice.email", "customer.note"}
    )
    assert len(timeline(desk, world, "C1", date(2025, 6, 30)).rows) == 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Pays on 2099-01-02"),
        ({"amount": "1200.50", "text": "By check"}, "Pays 1,200.50 CAD on 2099-01-02: By check"),
    ],
)
def test_a_promise_is_on_it_in_words(
    desk: Desk, world: World, more: dict[str, str], said: str
) -> None:
    given = {"customerId": "C2", "promisedOn": "2099-01-02", **more}
    desk.propose(world.people["alice"], "harbor", "customer.promise", given, f"promise-{said}")
    assert timeline(desk, world, "C2").records()[0]["said"] == said


def test_what_the_customer_was_told_is_on_it(desk: Desk, world: World) -> None:
    draft = letters.Draft("reminder", "day:2", ("c2@carrier.example",), (("I3", 1),), "C2")
    with world.office.store.begin() as session:
        tenant_id = find_tenant(session, "harbor").id
        row = letters.write(session, tenant_id, draft, world.office.clock())
        assert row
        row.subject, row.status, row.outcome = "Past due", "sent", "The mail server took it."
    newest, *_ = timeline(desk, world, "C2").records()
    assert (newest["event"], newest["document"], newest["status"]) == (
        "letter.reminder",
        "Past due",
        "sent",
    )
    assert "letter.reminder" not in {row["event"] for row in timeline(desk, world, "C1").records()}


def test_a_stranger_has_no_timeline_and_an_unknown_customer_an_empty_one(
    desk: Desk, world: World
) -> None:
    seq = desk.published(world.people["alice"], "harbor").seq
    with pytest.raises(UnknownTenantError):
        desk.timeline(world.people["charlie"], "harbor", "C1", TODAY, seq)
    with pytest.raises(UnknownTenantError):
        desk.export_timeline(world.people["charlie"], "harbor", "C1", TODAY, seq)
    assert timeline(desk, world, "Q1").rows == ()


def test_it_is_exported_as_any_table(desk: Desk, world: World) -> None:
    seq = desk.published(world.people["bob"], "harbor").seq
    name, content = desk.export_timeline(
        world.people["bob"], "harbor", "C1", date(2025, 6, 30), seq
    )
    header, *rows = content.decode().splitlines()
    assert name == "harbor-customer_timeline-2025-06-30.csv"
    assert header.split(",")[4:] == [c.name for c in TIMELINE.columns if c.name != "currency"]
    assert rows[0].startswith("harbor,2025-06-30,UTC,USD,2025-06-10,credit_issued,CM1,")
