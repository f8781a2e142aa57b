"""The page Operations: every section full, empty and in error, and nothing for others."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billcom.breaker import Health as Ending
from dashboard import navigation
from dashboard.components.operations import remedies
from etl.desk import Desk
from etl.errors import StoreError
from etl.operations.ledger import Ledger
from etl.store import alerts, audit, letters, webhooks
from etl.store.access import command_line_grant
from etl.store.circuits import StoredBreaker
from etl.store.models import Letter, WebhookSubscription
from etl.store.tenants import find_tenant
from etl.store.webhook_events import Outcome, Told, refuse, take
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World, fail_run

SECTIONS = ("runs", "bill", "outbox", "letters", "audit", "tenant", "people")
HOSTILE = "<script>alert(1)</script> [x](https://x.example) '; drop table audit; --"


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("tenant", ["harbor", "newport"])
def test_an_administrator_sees_every_section_even_before_the_first_sync(
    open_page: Open, section: str, tenant: str
) -> None:
    app = open_page("olga", "operations", section=section, tenant=tenant)
    assert not app.exception
    assert not app.error
    assert app.query_params["section"] == section
    assert app.title[0].value == navigation.OPERATIONS.title


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("who", ["alice", "ada", "bob", "charlie", "wendy"])
def test_whoever_does_not_administer_sees_nothing(open_page: Open, who: str, section: str) -> None:
    app = open_page(who, "operations", section=section)
    assert not app.exception
    assert "For administrators" in texts(app)
    assert not app.dataframe
    assert not app.get("download_button")


def test_an_administrator_elsewhere_sees_nothing_here(open_page: Open) -> None:
    app = open_page("olga", "operations", tenant="quay", section="people")
    assert "For administrators" in texts(app)
    assert not app.dataframe


def test_a_section_there_is_not_is_the_first(open_page: Open) -> None:
    app = open_page("olga", "operations", section="../secrets")
    assert not app.exception
    assert "Runs" in texts(app)


def test_hostile_names_stand_in_the_trail_as_text(own_world: World) -> None:
    with own_world.office.store.begin() as session:
        at = own_world.office.clock()
        audit.append(session, at=at, actor=HOSTILE, what="thing.happened", tenant="harbor")
    app = opened(own_world, "olga", "operations", section="audit")
    assert HOSTILE in list(app.dataframe[0].value["actor"])
    app.text_input(key="trail-who").input("'; drop").run()
    assert len(app.dataframe[0].value) == 1
    app.text_input(key="trail-who").input("nobody at all").run()
    assert "No entry matches." in texts(app)


def test_webhooks_tell_their_state_what_came_and_what_mends_them(own_world: World) -> None:
    office = own_world.office
    app = opened(own_world, "olga", "operations", section="bill")
    assert "Off: changes are found by the regular syncs." in texts(app)
    with office.store.begin() as session:
        at = office.clock()
        for slug in ("harbor", "quay"):
            grant = command_line_grant(find_tenant(session, slug))
            asked = {"url": "https://desk.example", "token": slug, "sealed": "SEALED"}
            webhooks.ask(session, grant, **asked, at=at)
            webhooks.keep(session, grant, bill_id="s1", sealed="SEALED", at=at, actor="t")
        event = Told("e1", "invoice.updated", None, None)
        for _ in range(3):
            take(session, find_tenant(session, "harbor").id, event, at)
        refuse(session, find_tenant(session, "harbor").id, Outcome.UNSIGNED, at)
        take(session, find_tenant(session, "quay").id, event, at - timedelta(minutes=1))
    app.run()
    assert not app.exception
    assert "On; the last event came just now." in texts(app)
    assert "For the next sync: 1 event" in texts(app)
    assert "SEALED" not in texts(app)
    table = next(one.value for one in app.dataframe if "deliveries" in one.value)
    assert list(table["deliveries"]) == [1, 2, 1]
    assert "the signature is not BILL's" in list(table["outcome"])[2]
    with office.store.begin() as session:
        harbor = find_tenant(session, "harbor")
        session.get_one(WebhookSubscription, harbor.id).status = "disabled"
    app.run()
    assert "BILL disabled the webhooks" in app.warning[0].value
    assert "tieout webhooks on" in texts(app)


def test_what_was_written_to_whom_is_listed(own_world: World) -> None:
    draft = letters.Draft("reminder", "day:1", (HOSTILE,), (("I1", 1),), "C1", HOSTILE)
    with own_world.office.store.begin() as session:
        harbor, quay = (find_tenant(session, slug) for slug in ("harbor", "quay"))
        for tenant in (harbor, quay):
            letters.write(session, tenant.id, draft, own_world.office.clock())
    app = opened(own_world, "olga", "operations", section="letters")
    assert not app.exception
    assert list(app.dataframe[0].value["about"]) == [HOSTILE]
    assert "Customers get no letters" in texts(app)


def test_a_sync_is_asked_for_by_its_button_and_only_once(own_world: World) -> None:
    app = opened(own_world, "olga", "operations", section="runs")
    button(app, "Sync now").click().run()
    assert "tieout serve begins it within seconds" in app.success[0].value
    assert app.dataframe[0].value["status"][0] == ["Pending"]
    button(app, "Sync now").click().run()
    assert not app.exception
    assert "waits to go on already" in texts(app)


def test_what_to_do_about_trouble_is_said_in_the_runbooks_words(own_world: World) -> None:
    runbook = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
    said = {line.rpartition(" | ")[2].strip(" |") for line in runbook.splitlines()}
    said = {line.replace("`", "") for line in said}
    assert set(remedies.LINES.values()) <= said
    office = own_world.office
    fail_run(office, "harbor", "BILL has a fault.")
    with office.store.begin() as session:
        tenant = find_tenant(session, "harbor")
        draft = letters.Draft("reminder", "day:1", ("x@y.example",), (("I1", 1),), "C1", "C1")
        letters.write(session, tenant.id, draft, office.clock())
        session.query(Letter).one().status = "failed"
        alerts.raise_alert(session, tenant.id, "limit_near", "It is near.", office.clock())
    breaker = StoredBreaker(office.store, tenant, "harbor.example", clock=office.clock)
    for _ in range(10):
        breaker.settle(Ending.FAILING)
    for section, kinds in (
        ("runs", ["run_failed"]),
        ("letters", ["letter_failed"]),
        ("bill", ["circuit_open"]),
    ):
        app = opened(own_world, "olga", "operations", section=section)
        assert not app.exception
        for kind in kinds:
            assert remedies.LINES[kind] in texts(app)
    alerts_shown = next(one.value for one in app.dataframe if "remedy" in one.value)
    assert remedies.LINES["limit_near"] in list(alerts_shown["remedy"])


def test_the_chain_is_verified_by_its_button(own_world: World) -> None:
    app = opened(own_world, "olga", "operations", section="audit")
    button(app, "Verify the chain").click().run()
    assert not app.exception
    assert "The chain holds" in app.success[0].value


def test_a_fault_is_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: Any, **__: Any) -> None:
        raise StoreError("The operational store is locked: try again.")

    monkeypatch.setattr(Ledger, "runs", closed)
    app = open_page("olga", "operations", section="runs")
    assert not app.exception
    assert "The operational store is locked: try again." in texts(app)
    monkeypatch.setattr(Desk, "grants", closed)
    assert "The operational store is locked" in texts(open_page("olga", "operations"))
