"""Webhooks, told by the sandbox over HTTP: proven, kept once, and followed by a sync."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from billcom.errors import WritesNotEnabledError
from billcom.resources import EVENTS
from billcom.sandbox.deliveries import Pace
from billcom.sandbox.faults import Fault
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.webhooks import SIGNATURE_HEADER, signature
from etl import scheduler, watch
from etl.__main__ import cli
from etl.back_office import BackOffice
from etl.doctor.finding import Finding, State
from etl.doctor.visit import Visit
from etl.doctor.webhooks import webhooks as looked
from etl.errors import StoreError, TieoutError, UsageError
from etl.jobs import heed_webhooks
from etl.jobs.heed_webhooks import Hints
from etl.jobs.sync_tenant import sync_tenant
from etl.jobs.webhook_subscriptions import subscribe, try_out, unsubscribe
from etl.service.app import listening
from etl.service.webhooks import LARGEST_BODY, told_by
from etl.store import alerts, asked_runs, runs, tenants, webhook_events, webhooks
from etl.store.access import Grant, command_line_grant
from etl.store.models import Run, Tenant, WebhookEvent, WebhookSubscription
from etl.store.webhook_events import Outcome, Told, deliveries_since
from tests.etl.conftest import connected
from tests.etl.dumps import kept_in
from tests.worlds import written_world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
TURN_S = 60.0  # patience, and no expectation: machines are busy


@pytest.fixture
def bill() -> Iterator[Sandbox]:
    """The seeded world, whose webhooks are impatient."""
    with running_sandbox(written_world(), pace=Pace(speed=1000)) as sandbox:
        yield sandbox


class House:
    """A tenant of a back office."""

    def __init__(self, office: BackOffice) -> None:
        self.office = office
        with office.store.read() as session:
            self.tenant: Tenant = tenants.all_tenants(session)[0]
        self.grant: Grant = command_line_grant(self.tenant)

    def row(self) -> WebhookSubscription:
        with self.office.store.read() as session:
            return session.get_one(WebhookSubscription, self.tenant.id)

    def events(self) -> list[WebhookEvent]:
        with self.office.store.read() as session:
            return list(session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)))

    def came(self) -> dict[str, int]:
        with self.office.store.read() as session:
            found = deliveries_since(session, self.tenant.id, self.office.clock() - DAY)
        return {outcome.value: count for outcome, count in found.items() if count}

    def syncs(self) -> list[Run]:
        with self.office.store.read() as session:
            found = runs.recent_runs(session, self.tenant.id)
        return [run for run in found if run.trigger == "webhook"]

    def status(self, number: int) -> str:
        with self.office.store.read() as session:
            return session.get_one(Run, number).status

    def snapshot(self) -> int:
        with self.office.store.read() as session:
            current = runs.current_snapshot(session, self.tenant.id)
        return current.seq if current else 0

    def do(self, *verb: Any, **more: Any) -> Any:
        with self.office.client_of(self.tenant) as client:
            return client.do(*verb, **more)

    def looked(self) -> Finding:
        return looked(Visit(self.office, self.tenant))

    def open_alerts(self) -> list[str]:
        with self.office.store.read() as session:
            return [alert.kind for alert in alerts.open_alerts(session)]


def pay(bill: Sandbox, count: int = 1) -> list[str]:
    """So many payments of a cent for open invoices in BILL's book, one after the other; the ids of
    the invoices."""
    book = bill.world.tenants[0].book
    still_open = [
        str(one["id"])
        for one in book.invoices.values()
        if not one.get("archived") and one["dueAmount"] - one["scheduledAmount"] > 2
    ]
    paid = list(islice(cycle(still_open), count))
    for invoice_id in paid:
        cent = Decimal("0.01")
        book.record_payment(
            {
                "customerId": book.invoices[invoice_id]["customerId"],
                "paymentDate": f"{datetime.now(UTC):%Y-%m-%d}",
                "paymentType": "CHECK",
                "amount": cent,
                "invoices": [{"id": invoice_id, "amount": cent}],
            }
        )
    return paid


def until(is_so: Callable[[], bool]) -> None:
    """Waits until it is so."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() < began + TURN_S
        time.sleep(0.05)


@contextmanager
def serving(office: BackOffice) -> Iterator[str]:
    """All that `tieout serve` runs, on a free port."""
    turning = scheduler._scheduler(office)
    with listening(office, 0) as address:
        turning.start()
        try:
            yield address
        finally:
            office.stopping.set()
            turning.shutdown(wait=True)


def test_what_bill_tells_is_in_a_snapshot_within_seconds_and_a_burst_costs_few_syncs(
    office: BackOffice,
    bill: Sandbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    for name in ("WEBHOOKS_EVERY_S", "PEOPLE_EVERY_S"):
        monkeypatch.setattr(scheduler, name, 0.3)  # all the same, with less to wait for
    monkeypatch.setattr(heed_webhooks, "FIRST_PAUSE", timedelta(seconds=0.6))
    connected(office, bill)
    house = House(office)
    with serving(office) as address:
        until(lambda: house.snapshot() > 0)
        subscribe(office, house.grant, address, actor="test")
        first = house.snapshot()
        (paid,) = pay(bill)
        until(lambda: house.snapshot() > first)
        (told,) = house.events()
        assert (told.record_id, told.type) == (paid, "invoice.updated")
        assert len(house.syncs()) == 1

        # Out of order, twice, and at first with a forged signature: BILL's book decides.
        for kind in ("webhook_duplicate", "webhook_reorder", "webhook_forge"):
            bill.faults.add(Fault(kind, rate=0.3))
        burst = pay(bill, 200)
        bill.webhooks.wait_until_drained(TURN_S)
        until(lambda: all(event.handled_at for event in house.events()))
        assert Counter(event.record_id for event in house.events()) == Counter([paid, *burst])
        assert 1 < len(house.syncs()) <= 6
        bill.faults.clear()

        # Sent again, it is taken and does nothing.
        before = house.row()
        resend = {"subscription_id": before.bill_id or "", "id": told.event_id}
        house.do(EVENTS, "resend", body=None, **resend)
        assert bill.webhooks.deliveries[-1].status == 200
        assert house.row().received == before.received == 201
        metrics = httpx.get(f"{address}/metrics", trust_env=False).text
        assert 'tieout_webhook_events_total{tenant="cascade"} 201.0' in metrics
        token = bill.webhooks.deliveries[-1].url.rpartition("/")[2]
        # What a person asks for is taken up as quickly.
        with office.store.begin() as session:
            number = asked_runs.ask_for(session, house.grant, office.clock())
        until(lambda: house.status(number) == "succeeded")
    came = house.came()
    assert came["taken"] == 201
    assert came["repeated"] > 10
    assert came["unsigned"] > 10
    # Nothing is left that a sync by hand would find.
    assert sync_tenant(office, "cascade").snapshot == house.snapshot()
    assert "tie_out" not in house.open_alerts()
    # httpx is what the sandbox posts with, and tells where to.
    logged = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    for secret in (token, office.box.open(before.sealed)):
        assert secret.encode() not in kept_in(office)
        assert not any(secret in line for line in logged)


def test_what_bill_did_not_sign_is_counted_and_nothing_else(
    office: BackOffice, bill: Sandbox
) -> None:
    connected(office, bill)
    house = House(office)
    with listening(office, 0) as address:
        subscribe(office, house.grant, address, actor="test")
        with bill.webhooks.locked() as known:
            (mine,) = known.of(house.tenant.organization_id)
        runs.start(office.store, house.tenant, trigger="test", at=office.clock())
        asked = bill.calls.total

        def post(url: str, body: bytes, given: str | None) -> tuple[int, bytes]:
            headers = {SIGNATURE_HEADER: given} if given else {}
            began = time.monotonic()
            answer = httpx.post(url, content=body, headers=headers, trust_env=False)
            assert time.monotonic() < began + 2
            return answer.status_code, answer.content

        large = b" " * (LARGEST_BODY + 1)
        right = signature(b"{}", mine.security_key)
        assert post(mine.url, b"{}", None) == (401, b"")
        assert post(mine.url, b"not JSON", signature(b"{}", "another")) == (401, b"")
        assert post(mine.url, large, signature(large, mine.security_key)) == (413, b"")
        assert post(f"{address}/webhooks/none", b"{}", right) == (404, b"")
        assert (house.row().refused, house.events()) == (3, [])
        assert house.came() == {"unsigned": 2, "too_large": 1}
        assert house.looked().state is State.WARNING
        # Signed, but not as BILL tells events: a hint all the same.
        assert post(mine.url, b"{}", right) == (200, b"")
        assert [event.type for event in house.events()] == ["unread"]
        assert bill.calls.total == asked  # it asks BILL for nothing, and waits for no sync


def test_what_cannot_be_kept_is_sent_again_by_bill(
    office: BackOffice, bill: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(office, bill)
    house, tries = House(office), []

    def locked_twice(*given: Any) -> Outcome:
        tries.append(given)
        if len(tries) < 3:
            raise StoreError("The operational store is locked: try again.")
        return webhook_events.take(*given)

    monkeypatch.setattr("etl.service.webhooks.take", locked_twice)
    with listening(office, 0) as address:
        subscribe(office, house.grant, address, actor="test")
        pay(bill)
        bill.webhooks.wait_until_drained()
    assert [one.status for one in bill.webhooks.deliveries] == [503, 503, 200]
    assert house.came() == {"taken": 1}


def test_turned_on_again_it_has_another_key_and_the_old_one_is_worth_nothing(
    office: BackOffice, bill: Sandbox
) -> None:
    connected(office, bill)
    house = House(office)
    with listening(office, 0) as address:
        subscribe(office, house.grant, address, actor="test")
        assert try_out(office, house.grant)["statusCode"] == 200
        before = bill.webhooks.deliveries[-1]
        subscribe(office, house.grant, address, actor="test")
        assert try_out(office, house.grant)["statusCode"] == 200
        with bill.webhooks.locked() as known:
            (mine,) = known.of(house.tenant.organization_id)
        assert office.box.open(house.row().sealed) == mine.security_key
        headers = {SIGNATURE_HEADER: before.signature}
        replayed = httpx.post(before.url, content=before.body, headers=headers, trust_env=False)
        assert replayed.status_code == 401
        assert house.looked().state is State.OK
        assert "just now" in house.looked().saw
    unsubscribe(office, house.grant, actor="test")
    with bill.webhooks.locked() as left:
        assert list(left.of(house.tenant.organization_id)) == []
    assert "off" in house.looked().saw


def test_an_answer_that_was_lost_is_looked_for_before_bill_is_asked_again(
    office: BackOffice, bill: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(office, bill)
    house = House(office)
    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "keep", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            subscribe(office, house.grant, "https://desk.example", actor="test")
    assert (house.row().status, house.row().bill_id) == ("asked", None)
    assert house.looked().state is State.WARNING
    with pytest.raises(UsageError, match="not answered"):
        try_out(office, house.grant)
    # A day later BILL has forgotten the key, and would refuse a second one to the same address.
    bill.webhooks.replays._answers.clear()
    subscribe(office, house.grant, "https://desk.example/", actor="test")
    assert house.row().status == "on"
    with bill.webhooks.locked() as known:
        (mine,) = known.of(house.tenant.organization_id)
    assert (mine.id, mine.security_key) == (
        house.row().bill_id,
        office.box.open(house.row().sealed),
    )
    with pytest.raises(UsageError, match=r"go to https://desk\.example"):
        subscribe(office, house.grant, "https://other.example", actor="test")
    with monkeypatch.context() as broken:
        broken.setattr("billcom.client.Client.do", lambda *_, **__: {"statusCode": 502})
        with pytest.raises(TieoutError, match="answered with 502"):
            try_out(office, house.grant)
    for url in ("http://desk.example", "desk.example", "https://a@desk.example", "https://x/?y=1"):
        with pytest.raises(UsageError, match="begins with https"):
            subscribe(office, house.grant, url, actor="test")


def test_nothing_is_asked_of_a_production_that_may_not_be_written_to(
    office: BackOffice, bill: Sandbox
) -> None:
    connected(office, bill)
    with office.store.begin() as session:
        tenants.find_tenant(session, "cascade").environment = "production"
    house = House(office)
    with pytest.raises(WritesNotEnabledError, match="tieout tenant allow-writes cascade"):
        subscribe(office, house.grant, "https://desk.example", actor="test")
    assert house.looked().saw.startswith("off")
    with bill.webhooks.locked() as known:
        assert len(known) == 0


def test_bill_disabling_it_is_an_alert_until_it_is_on_again(
    office: BackOffice, bill: Sandbox
) -> None:
    connected(office, bill)
    house = House(office)
    subscribe(office, house.grant, "https://desk.example", actor="test")
    with bill.webhooks.locked() as known:
        known.disable(house.row().bill_id or "")
    watch.watch(office)
    assert house.open_alerts() == []  # it was asked a moment ago
    later = replace(office, clock=lambda: datetime.now(UTC) + timedelta(minutes=20))
    bill.faults.add(Fault("status", path="/v3/subscriptions"))
    watch.watch(later)
    assert house.row().status == "on"  # BILL did not say
    bill.faults.clear()
    later = replace(office, clock=lambda: datetime.now(UTC) + timedelta(minutes=40))
    watch.watch(later)
    watch.watch(later)
    assert "webhook_disabled" in house.open_alerts()
    assert "tieout webhooks on --tenant cascade" in house.looked().fix
    subscribe(office, house.grant, "https://desk.example", actor="test")
    assert "webhook_disabled" not in house.open_alerts()
    with bill.webhooks.locked() as known:
        assert known[house.row().bill_id or ""].is_enabled
        known.remove(known.find(house.tenant.organization_id, house.row().bill_id or ""))
    watch.watch(later)
    assert house.row().status == "gone"
    assert "webhook_disabled" in house.open_alerts()
    subscribe(office, house.grant, "https://desk.example", actor="test")
    assert house.row().status == "on"
    assert "webhook_disabled" not in house.open_alerts()
    with bill.webhooks.locked() as known:
        assert list(known) == [house.row().bill_id]


def test_the_commands_turn_it_on_try_it_list_it_and_end_it(
    office: BackOffice, bill: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(office, bill)
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(office.settings.data_dir))

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["webhooks", *words], standalone_mode=False)
        assert done.exception is None
        return done.stdout

    with listening(office, 0) as address:
        assert address in run("on", "--tenant", "cascade", "--url", address)
        assert "BILL sent event" in run("test", "--tenant", "cascade")
        (listed,) = json.loads(run("list", "--json"))
    shown = ("tenant", "status", "url", "received", "waiting", "refused")
    assert [listed[name] for name in shown] == ["cascade", "on", address, 1, 1, 0]
    assert "cascade" in run("list")
    assert "no more" in run("off", "--tenant", "cascade")
    assert json.loads(run("list", "--json")) == []


def told(house: House, event_id: str, at: datetime) -> bool:
    with house.office.store.begin() as session:
        event = Told(event_id, "invoice.updated", None, None)
        return webhook_events.take(session, house.tenant.id, event, at) is Outcome.TAKEN


@pytest.mark.both_databases
def test_an_event_waits_until_a_sync_that_began_after_it_succeeded(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    now = [NOW]
    office = replace(office, clock=lambda: now[0])
    house = House(office)

    def hints() -> Hints:
        return Hints(office, lambda *_: False)  # as after the process died

    def run(at: datetime, error: str | None = None, **more: Any) -> int:
        run_id = runs.start(office.store, house.tenant, trigger="test", at=at, **more)
        assert hints().due() == []  # one is under way
        with office.store.begin() as session:
            runs.finish(session.get_one(Run, run_id), at=now[0], error=error)
        return run_id

    kept = hints()
    assert told(house, "e1", NOW)
    assert not told(house, "e1", NOW)
    run(NOW - timedelta(seconds=1))  # it had begun before
    assert hints().due() == ["cascade"]
    run(NOW + timedelta(seconds=1), error="BILL is down.")
    run(NOW + timedelta(seconds=1), scope={"from": "2026-11-01", "to": "2026-11-02"})
    assert kept.due() == ["cascade"]
    now[0] += timedelta(seconds=30)
    assert kept.due() == []  # the sync it asked for came to nothing, which may last
    assert told(house, "e2", NOW + timedelta(seconds=2))
    assert kept.due() == ["cascade"]  # something new
    now[0] += timedelta(minutes=2)
    assert kept.due() == ["cascade"]
    last = run(NOW + timedelta(seconds=2))
    now[0] += timedelta(minutes=2)
    assert kept.due() == hints().due() == []
    assert [(e.event_id, e.outcome) for e in house.events()] == [
        ("e1", f"read by run {last}"),
        ("e2", f"read by run {last}"),
    ]
    assert house.came() == {"taken": 2, "repeated": 1}
    with office.store.begin() as session:
        webhook_events.prune(session, now[0] + timedelta(days=201))
    assert house.events() == []


def test_events_that_keep_coming_are_read_at_once_and_then_once_a_minute(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    now = [NOW]
    office = replace(office, clock=lambda: now[0])
    house, asked = House(office), []
    hints = Hints(office, lambda *_: False)
    for second in range(0, 300, 2):
        now[0] = NOW + timedelta(seconds=second)
        told(house, f"e{second}", now[0])
        asked += [second for _ in hints.due()]
    assert asked[:5] == [0, 4, 12, 28, 60]
    assert len(asked) < 11
    now[0] += timedelta(minutes=3)  # it was quiet: at once again
    told(house, "new", now[0])
    assert hints.due() == ["cascade"]


def test_an_event_with_odd_parts_is_kept_all_the_same() -> None:
    body = (
        b'{"metadata":{"eventId":"e","eventType":"invoice.updated","subscriptionId":"s",'
        b'"organizationId":"o"},"invoice":{"updatedTime":"yesterday"}}'
    )
    assert told_by(body) == Told("e", "invoice.updated", None, None)
    assert told_by(body.replace(b'{"updatedTime":"yesterday"}', b"[1]")).record_id is None
    assert told_by(b"\xff").type == "unread"
