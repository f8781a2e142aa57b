"""Webhooks, told by the sandbox over HTTP: proven, kept once, and followed by a sync."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from billcom.resources import EVENTS, INVOICES
from billcom.sandbox.deliveries import Pace
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.webhooks import SIGNATURE_HEADER, signature
from etl import watch
from etl.back_office import BackOffice
from etl.errors import TieoutError, UsageError
from etl.jobs.heed_webhooks import Hints, is_awaited
from etl.jobs.sync_tenant import sync_tenant
from etl.jobs.webhook_subscriptions import subscribe, try_out, unsubscribe
from etl.scheduler import _must_wait
from etl.service.app import listening
from etl.service.webhooks import LARGEST_BODY, told_by
from etl.store import alerts, runs, tenants, webhooks
from etl.store.access import Grant, command_line_grant
from etl.store.models import Run, Tenant, WebhookEvent, WebhookSubscription
from etl.store.webhooks import Told
from tests.etl.conftest import connected
from tests.etl.dumps import kept_in
from tests.worlds import written_world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


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

    def do(self, *verb: Any, **more: Any) -> Any:
        with self.office.client_of(self.tenant) as client:
            return client.do(*verb, **more)

    def open_alerts(self) -> list[str]:
        with self.office.store.read() as session:
            return [alert.kind for alert in alerts.open_alerts(session)]

    def pay_an_invoice(self) -> str:
        """Records a payment of one open invoice in BILL's book."""
        with self.office.client_of(self.tenant) as client:
            pages = client.pages(INVOICES, filters=('status:eq:"OPEN"',))
            invoice = next(record for page in pages for record in page.records)
            body = {
                "customerId": invoice["customerId"],
                "paymentDate": f"{datetime.now(UTC):%Y-%m-%d}",
                "paymentType": "CHECK",
                "amount": invoice["dueAmount"],
                "invoices": [{"id": invoice["id"], "amount": invoice["dueAmount"]}],
            }
            client.do(INVOICES, "record_payment", body=body)
        return str(invoice["id"])


def test_a_paid_invoice_is_told_and_leads_to_a_newer_snapshot(
    office: BackOffice, bill: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connected(office, bill)
    house, hints = House(office), Hints(office, _must_wait)
    first = sync_tenant(office, "cascade").snapshot
    with listening(office, 0) as address:
        subscribe(office, house.grant, address, actor="test")
        assert hints.due() == []
        paid = house.pay_an_invoice()
        bill.webhooks.wait_until_drained()
        told = [event for event in house.events() if event.record_id == paid]
        assert {event.type for event in told} == {"invoice.updated"}
        assert all(event.happened_at and not event.handled_at for event in told)
        assert {delivery.status for delivery in bill.webhooks.deliveries} == {200}
        assert hints.due() == ["cascade"]  # however many events wait
        assert hints.due() == []  # it is asked for already
        report = sync_tenant(office, "cascade", trigger="webhook")
        assert report.snapshot and first
        assert report.snapshot > first
        assert not is_awaited(office, "cascade")
        assert {event.outcome for event in house.events()} == {f"read by run {report.run_id}"}

        # Told again, it is taken and does nothing.
        before = house.row()
        house.do(
            EVENTS, "resend", subscription_id=before.bill_id or "", id=told[0].event_id, body=None
        )
        bill.webhooks.wait_until_drained()
        assert bill.webhooks.deliveries[-1].status == 200
        assert house.row().received == before.received == len(house.events())
        assert hints.due() == []
        assert try_out(office, house.grant)["statusCode"] == 200
        metrics = httpx.get(f"{address}/metrics", trust_env=False).text
        assert 'tieout_webhook_events_total{tenant="cascade"}' in metrics
        assert 'tieout_webhook_waiting{tenant="cascade"} 1.0' in metrics
        delivery = bill.webhooks.deliveries[-1]
        secrets = (delivery.url.rpartition("/")[2], office.box.open(before.sealed))
    for secret in secrets:
        assert secret.encode() not in kept_in(office)
        assert secret not in caplog.text
    unsubscribe(office, house.grant, actor="test")
    with bill.webhooks.locked() as left:
        assert list(left.of(house.tenant.organization_id)) == []


def test_what_bill_did_not_sign_is_counted_and_nothing_else(
    office: BackOffice, bill: Sandbox
) -> None:
    connected(office, bill)
    house = House(office)
    with listening(office, 0) as address:
        subscribe(office, house.grant, address, actor="test")
        with bill.webhooks.locked() as known:
            (mine,) = known.of(house.tenant.organization_id)

        def post(url: str, body: bytes, given: str | None) -> tuple[int, bytes]:
            headers = {SIGNATURE_HEADER: given} if given else {}
            answer = httpx.post(url, content=body, headers=headers, trust_env=False)
            return answer.status_code, answer.content

        large = b" " * (LARGEST_BODY + 1)
        assert post(mine.url, b"{}", None) == (401, b"")
        assert post(mine.url, b"{}", signature(b"{}", "another")) == (401, b"")
        assert post(mine.url, large, signature(large, mine.security_key))[0] == 413
        assert (
            post(f"{address}/webhooks/none", b"{}", signature(b"{}", mine.security_key))[0] == 404
        )
        assert (house.row().refused, house.events()) == (3, [])
        # Signed, but not as BILL tells events: a hint all the same.
        assert post(mine.url, b"{}", signature(b"{}", mine.security_key)) == (200, b"")
        assert [event.type for event in house.events()] == ["unread"]


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(
    office: BackOffice, bill: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(office, bill)
    house = House(office)
    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "keep", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            subscribe(office, house.grant, "https://desk.example", actor="test")
    assert (house.row().status, house.row().bill_id) == ("asked", None)
    with pytest.raises(UsageError, match="not answered"):
        try_out(office, house.grant)
    subscribe(office, house.grant, "https://desk.example/", actor="test")
    assert house.row().status == "on"
    with bill.webhooks.locked() as known:
        assert [row.id for row in known.of(house.tenant.organization_id)] == [house.row().bill_id]
    with pytest.raises(UsageError, match="go to https://desk.example"):
        subscribe(office, house.grant, "https://other.example", actor="test")
    with pytest.raises(TieoutError, match="answered with"):
        broken_answer(office, house, monkeypatch)
    for url in ("http://desk.example", "desk.example", "https://a@desk.example", "https://x/?y=1"):
        with pytest.raises(UsageError, match="begins with https"):
            subscribe(office, house.grant, url, actor="test")


def broken_answer(office: BackOffice, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billcom.client.Client.do", lambda *_, **__: {"statusCode": 502})
    try_out(office, house.grant)


def test_bill_disabling_it_is_an_alert_until_it_is_on_again(
    office: BackOffice, bill: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(office, bill)
    house = House(office)
    subscribe(office, house.grant, "https://desk.example", actor="test")
    with bill.webhooks.locked() as known:
        known.disable(house.row().bill_id or "")
    watch.watch(office)
    assert house.open_alerts() == []  # it was asked less than an hour ago
    later = replace(office, clock=lambda: datetime.now(UTC) + timedelta(minutes=61))
    watch.watch(later)
    watch.watch(later)
    assert "webhook_disabled" in house.open_alerts()
    subscribe(office, house.grant, "https://desk.example", actor="test")
    watch.watch(office)
    assert "webhook_disabled" not in house.open_alerts()
    with bill.webhooks.locked() as known:
        known.remove(known.find(house.tenant.organization_id, house.row().bill_id or ""))
    watch.watch(later)
    assert house.row().status == "gone"
    assert "webhook_disabled" in house.open_alerts()
    unsubscribe(office, house.grant, actor="test")
    assert "webhook_disabled" not in house.open_alerts()


def told(house: House, event_id: str, at: datetime) -> bool:
    with house.office.store.begin() as session:
        return webhooks.add(
            session, house.tenant.id, Told(event_id, "invoice.updated", None, None), at
        )


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
        assert kept.due() == []  # one is under way
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
    assert kept.due() == []
    assert told(house, "e2", NOW + timedelta(seconds=2))
    assert kept.due() == ["cascade"]  # something new
    now[0] += timedelta(minutes=2)
    assert kept.due() == ["cascade"]  # the sync it asked for came to nothing
    last = run(NOW + timedelta(seconds=2))
    assert kept.due() == hints().due() == []
    assert [(e.event_id, e.outcome) for e in house.events()] == [
        ("e1", f"read by run {last}"),
        ("e2", f"read by run {last}"),
    ]
    with office.store.begin() as session:
        webhooks.prune(session, now[0] + timedelta(days=201))
    assert house.events() == []


def test_an_event_with_odd_parts_is_kept_all_the_same() -> None:
    body = (
        b'{"metadata":{"eventId":"e","eventType":"invoice.updated","subscriptionId":"s",'
        b'"organizationId":"o"},"invoice":{"updatedTime":"yesterday"}}'
    )
    assert told_by(body) == Told("e", "invoice.updated", None, None)
    assert told_by(body.replace(b'{"updatedTime":"yesterday"}', b"[1]")).record_id is None
    assert told_by(b"\xff").type == "unread"
