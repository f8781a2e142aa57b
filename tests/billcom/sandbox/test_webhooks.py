"""Webhooks end to end: subscribed over HTTP, delivered over HTTP, tried again and given up."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.deliveries import Pace
from billcom.sandbox.events import sign
from billcom.sandbox.faults import Fault
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, address, messages, parsed, recorded
from tests.billcom.sandbox.receiver import Receiver, eventually, receiving

ALL = ("invoice.created", "invoice.updated", "invoice.archived", "invoice.restored")
VECTORS = Path(__file__).parents[4] / "shared/bill-api/examples/webhook-signature-vectors.json"


class Hooks:
    """Calls below connect-events as one tenant."""

    def __init__(self, sandbox: Sandbox, position: int = 0) -> None:
        self.caller = Caller(sandbox, sandbox.tenants[position])
        self.http = httpx.Client(
            base_url=f"{sandbox.events_url}/v3", headers=self.caller.http.headers, verify=False
        )

    def post(self, path: str, body: Any = None, key: str | None = "") -> httpx.Response:
        made = str(uuid.uuid4()) if key == "" else key
        headers = {"X-Idempotent-Key": made} if made else {}
        return self.http.post(path, json=body, headers=headers)

    def subscribe(self, url: str, *events: str, **fields: Any) -> Any:
        return parsed(self.post("/subscriptions", body(url, *events, **fields)), 200)

    def read(self, path: str, **params: Any) -> Any:
        return parsed(self.http.get(path, params=params), 200)

    def events(self, subscription: Any, **params: Any) -> Any:
        return self.read(f"/events/subscription/{subscription['id']}", **params)


def body(url: str, *events: str, **fields: Any) -> dict[str, Any]:
    wanted = [{"type": kind, "version": "1"} for kind in events or ALL]
    return {"name": "AR sync", "events": wanted, "notificationUrl": url, **fields}


@pytest.fixture
def running(world: World) -> Iterator[Sandbox]:
    with running_sandbox(world, pace=Pace(speed=500, timeout_s=5)) as sandbox:
        yield sandbox


@pytest.fixture
def hooks(running: Sandbox) -> Hooks:
    return Hooks(running)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def invoice(hooks: Hooks, amount: int = 100) -> Any:
    return hooks.caller.invoice(hooks.caller.customer()["id"], amount)


def test_an_invoice_is_told_of_from_first_to_last(
    running: Sandbox, hooks: Hooks, receiver: Receiver
) -> None:
    subscription = hooks.subscribe(receiver.url)
    made = invoice(hooks)
    path = f"/invoices/{made['id']}"
    for act in (path + "/archive", path + "/restore"):
        running.webhooks.wait_until_drained()
        hooks.caller.act(act)
    running.webhooks.wait_until_drained()
    hooks.caller.patch(path, {"dueDate": "2026-12-24"})
    running.webhooks.wait_until_drained()
    assert receiver.types == [ALL[0], ALL[2], ALL[3], ALL[1]]
    last = receiver.received[-1]
    assert last.signature == sign(subscription["securityKey"], last.body)
    assert last.event["metadata"] == {
        "eventId": last.event["metadata"]["eventId"],
        "subscriptionId": subscription["id"],
        "organizationId": hooks.caller.tenant.organization_id,
        "eventType": "invoice.updated",
        "version": 1,
    }
    assert last.event["invoice"]["dueDate"] == "2026-12-24"
    assert b'"dueAmount":100.00' in last.body
    assert b": " not in last.body
    assert "invoiceLineItems" not in last.event["invoice"]


def test_the_payload_has_the_documented_fields(
    running: Sandbox, hooks: Hooks, receiver: Receiver
) -> None:
    hooks.subscribe(receiver.url)
    invoice(hooks)
    running.webhooks.wait_until_drained()
    assert set(receiver.received[0].event["invoice"]) == {
        "id",
        "customerId",
        "archived",
        "invoiceNumber",
        "invoiceDate",
        "dueDate",
        "totalAmount",
        "dueAmount",
        "createdBy",
        "createdTime",
        "updatedTime",
        "status",
        "scheduledAmount",
        "creditAmount",
        "salesTaxTotal",
        "salesTaxPercentage",
    }


def test_one_operation_is_one_event_an_invoice(
    running: Sandbox, hooks: Hooks, receiver: Receiver
) -> None:
    made = invoice(hooks)
    hooks.subscribe(receiver.url)
    hooks.caller.pay(50, (made["id"], 20), (made["id"], 30))
    running.webhooks.wait_until_drained()
    assert receiver.types == ["invoice.updated"]
    assert receiver.received[0].event["invoice"]["status"] == "PARTIAL_PAYMENT"


def test_what_time_does_is_told_too(
    running: Sandbox, world: World, hooks: Hooks, receiver: Receiver
) -> None:
    made = invoice(hooks)
    payment = hooks.caller.pay(100, (made["id"], 100))
    hooks.subscribe(receiver.url, "invoice.updated")
    world.tenants[0].book.void_payment(payment["id"])
    running.webhooks.wait_until_drained()
    assert receiver.received[0].event["invoice"]["status"] == "OPEN"


def test_payments_may_not_be_told_of(
    running: Sandbox, world: World, hooks: Hooks, receiver: Receiver
) -> None:
    world.use_knobs(Knobs(webhook_on_payment=False, webhook_version="text"))
    made = invoice(hooks)
    payment = hooks.caller.pay(100, (made["id"], 100))
    hooks.subscribe(receiver.url)
    world.tenants[0].book.void_payment(payment["id"])
    hooks.caller.act(f"/invoices/{made['id']}/archive")
    running.webhooks.wait_until_drained()
    assert receiver.types == ["invoice.archived"]
    assert receiver.received[0].event["metadata"]["version"] == "1"


def test_a_refused_or_idle_operation_is_no_event(
    running: Sandbox, hooks: Hooks, receiver: Receiver
) -> None:
    made = invoice(hooks)
    hooks.subscribe(receiver.url)
    assert not hooks.caller.post(
        "/invoices/record-payment", recorded(500, (made["id"], 500))
    ).is_success
    hooks.caller.act(f"/invoices/{made['id']}/restore")
    running.webhooks.wait_until_drained()
    assert receiver.received == []


def test_nobody_hears_of_anothers_invoices(
    running: Sandbox, hooks: Hooks, receiver: Receiver
) -> None:
    other = Hooks(running, 1)
    theirs = other.subscribe(receiver.url)
    invoice(hooks)
    running.webhooks.wait_until_drained()
    assert receiver.received == []
    assert hooks.http.get(f"/subscriptions/{theirs['id']}").status_code == 404
    assert hooks.http.get(f"/events/subscription/{theirs['id']}").status_code == 404
    assert hooks.read("/subscriptions") == {"results": []}


@pytest.mark.parametrize("status", [201, 202, 204, 302, 400, 401, 500])
def test_only_200_counts_and_the_next_try_comes(
    running: Sandbox, hooks: Hooks, receiver: Receiver, status: int
) -> None:
    subscription = hooks.subscribe(receiver.url)
    receiver.statuses = [status]
    invoice(hooks)
    running.webhooks.wait_until_drained()
    first, second = running.webhooks.deliveries
    assert [(d.attempt, d.status) for d in (first, second)] == [(1, status), (2, 200)]
    assert first.body == second.body
    (event,) = hooks.events(subscription)["results"]
    assert (event["id"], event["statusCode"]) == (first.event_id, 200)


def test_a_receiver_that_is_slow_or_absent_has_not_answered(
    world: World, receiver: Receiver
) -> None:
    with running_sandbox(world, pace=Pace(speed=500, timeout_s=0.1)) as sandbox:
        hooks = Hooks(sandbox)
        hooks.subscribe(receiver.url)
        gone = hooks.subscribe("http://127.0.0.1:1/nobody", "invoice.created")
        receiver.slow_s = 0.3
        invoice(hooks)
        eventually(lambda: len(sandbox.webhooks.deliveries) >= 4)
        assert {d.status for d in sandbox.webhooks.deliveries} == {None}
        sandbox.webhooks.wait_until_drained(20)
        (event,) = hooks.events(gone)["results"]
        assert "statusCode" not in event


def test_after_all_tries_the_subscription_is_disabled_until_its_owner_enables_it(
    running: Sandbox, world: World, hooks: Hooks, receiver: Receiver
) -> None:
    subscription = hooks.subscribe(receiver.url)
    path = f"/subscriptions/{subscription['id']}"
    receiver.always = 503
    invoice(hooks)
    running.webhooks.wait_until_drained(20)
    assert [d.attempt for d in running.webhooks.deliveries] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert hooks.read(path)["status"] == {"enabled": False}
    receiver.always = 200
    invoice(hooks)
    running.webhooks.wait_until_drained()
    assert len(receiver.received) == 8
    parsed(hooks.http.patch(path, json={"status": {"enabled": True}}), 200)
    invoice(hooks)
    running.webhooks.wait_until_drained()
    assert len(receiver.received) == 9


def test_a_dead_letter_that_is_taken_disables_nothing(
    running: Sandbox, world: World, hooks: Hooks, receiver: Receiver
) -> None:
    world.use_knobs(Knobs(webhook_dead_letter_s=1, webhook_dead_letter_tries=2))
    subscription = hooks.subscribe(receiver.url)
    receiver.statuses = [500] * 6
    invoice(hooks)
    running.webhooks.wait_until_drained()
    assert [d.status for d in running.webhooks.deliveries] == [500] * 6 + [200]
    assert hooks.read(f"/subscriptions/{subscription['id']}")["status"] == {"enabled": True}


def test_an_event_can_be_sent_again(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    subscription = hooks.subscribe(receiver.url)
    invoice(hooks)
    running.webhooks.wait_until_drained()
    (event,) = hooks.events(subscription)["results"]
    path = f"/events/subscription/{subscription['id']}/event/"
    assert parsed(hooks.post(path + event["id"], key=None), 200) == event
    assert receiver.received[0].body == receiver.received[1].body == event["payload"].encode()
    assert hooks.post(path + str(uuid.uuid4())).status_code == 404


def test_a_test_event_is_sent_at_once(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    subscription = hooks.subscribe(receiver.url, "invoice.updated")
    path = f"/subscriptions/{subscription['id']}/test"
    receiver.statuses = [418]
    assert parsed(hooks.http.post(path), 200)["statusCode"] == 418
    given = {"eventType": "invoice.archived", "invoice": {"invoiceNumber": "T-1"}}
    record = parsed(hooks.http.post(path, json=given), 200)
    assert (record["type"], record["statusCode"]) == ("invoice.archived", 200)
    assert receiver.types == ["invoice.updated", "invoice.archived"]
    assert receiver.received[1].event["invoice"]["invoiceNumber"] == "T-1"
    for wrong in ({"eventType": "invoice.eaten"}, {"invoice": 3}, {"version": "2"}):
        assert hooks.http.post(path, json=wrong).status_code == 400


def test_the_history_is_paged_forwards_and_by_entity(
    running: Sandbox, hooks: Hooks, receiver: Receiver, clock: SettableClock
) -> None:
    subscription = hooks.subscribe(receiver.url)
    made = [invoice(hooks) for _ in range(3)]
    running.webhooks.wait_until_drained()
    first = hooks.events(subscription, max=2)
    rest = hooks.events(subscription, max=2, page=first["nextPage"])
    told = [json.loads(e["payload"])["invoice"]["id"] for e in first["results"] + rest["results"]]
    assert told == [i["id"] for i in made]
    assert set(rest) == {"results"}
    assert len(hooks.events(subscription, entityId=made[1]["id"])["results"]) == 1
    for wrong in ({"max": 0}, {"max": 101}, {"page": "*"}):
        path = f"/events/subscription/{subscription['id']}"
        assert hooks.http.get(path, params=wrong).status_code == 400
    clock.advance(timedelta(days=181))
    hooks.http.headers["sessionId"] = hooks.caller.log_in()
    assert hooks.events(subscription)["results"] == []


def test_lists_may_be_bare(world: World, hooks: Hooks, receiver: Receiver) -> None:
    world.use_knobs(Knobs(webhook_list="bare"))
    subscription = hooks.subscribe(receiver.url)
    assert [s["id"] for s in hooks.read("/subscriptions")] == [subscription["id"]]


def test_the_catalog_names_the_events_of_invoices(hooks: Hooks) -> None:
    catalog = hooks.read("/events/catalog")
    assert {"type": "invoice.created", "versions": ["1"]} in catalog
    assert set(ALL) <= {event["type"] for event in catalog}


def test_a_subscription_is_made_shown_changed_and_removed(hooks: Hooks, receiver: Receiver) -> None:
    made = hooks.subscribe(receiver.url, "invoice.created", status={"enabled": False})
    path = f"/subscriptions/{made['id']}"
    shown = {name: value for name, value in made.items() if name != "securityKey"}
    assert hooks.read(path) == shown
    assert hooks.read("/subscriptions")["results"] == [shown]
    assert shown["status"] == {"enabled": False}
    renamed = parsed(hooks.http.patch(path, json={"name": "Other"}), 200)
    assert renamed == {**shown, "name": "Other"}
    put = parsed(hooks.http.put(path, json=body("https://hooks.example/x", "invoice.updated")), 200)
    assert put["events"] == [{"type": "invoice.updated", "version": "1"}]
    assert put["notificationUrl"] == "https://hooks.example/x"
    assert hooks.http.put(path, json={"name": "x"}).status_code == 400
    gone = hooks.http.delete(path)
    assert (gone.status_code, gone.content) == (200, b"")
    assert hooks.http.get(path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"notificationUrl": "http://hooks.example/x"},
        {"notificationUrl": "ftp://127.0.0.1/x"},
        {"notificationUrl": "https://"},
        {"notificationUrl": None},
        {"name": " "},
        {"events": []},
        {"events": [{"type": "invoice.eaten", "version": "1"}]},
        {"events": [{"type": "invoice.created", "version": "2"}]},
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(hooks: Hooks, wrong: Any) -> None:
    response = hooks.post("/subscriptions", {**body("https://hooks.example/x"), **wrong})
    assert response.status_code == 400
    assert hooks.read("/subscriptions")["results"] == []


@pytest.mark.parametrize("status", [400, 409])
def test_ten_subscriptions_are_the_most_and_no_two_are_alike(
    world: World, hooks: Hooks, status: int
) -> None:
    world.use_knobs(Knobs(webhook_refusal_status=status))
    for number in range(9):
        hooks.subscribe(f"https://hooks.example/{number}")
    same = hooks.post("/subscriptions", body("https://hooks.example/0", *reversed(ALL)))
    assert "There is a subscription" in messages(same, status)[0]
    hooks.subscribe("https://hooks.example/0", "invoice.created")
    assert (
        "at most 10"
        in messages(hooks.post("/subscriptions", body("https://hooks.example/y")), status)[0]
    )


def test_the_same_idempotent_key_gives_the_same_answer_for_a_day(
    hooks: Hooks, clock: SettableClock
) -> None:
    key = str(uuid.uuid4())
    bad = hooks.post("/subscriptions", body("http://hooks.example"), key)
    assert bad.status_code == 400
    first = parsed(hooks.post("/subscriptions", body("https://hooks.example/1"), key), 200)
    assert parsed(hooks.post("/subscriptions", body("https://other.example"), key), 200) == first
    renewed = parsed(hooks.post(f"/subscriptions/{first['id']}/security_key", key=key), 200)
    again = parsed(hooks.post(f"/subscriptions/{first['id']}/security_key", key=key), 200)
    assert renewed == again
    assert renewed["securityKey"] != first["securityKey"]
    clock.advance(timedelta(hours=25))
    hooks.http.headers["sessionId"] = hooks.caller.log_in()
    later = parsed(hooks.post("/subscriptions", body("https://other.example"), key), 200)
    assert later["id"] != first["id"]


@pytest.mark.parametrize("key", [None, "not-a-uuid", "11111111-1111-1111-8111-111111111111"])
def test_an_idempotent_key_is_a_uuid4(hooks: Hooks, key: str | None) -> None:
    response = hooks.post("/subscriptions", body("https://hooks.example"), key)
    assert messages(response, 400) == ["X-Idempotent-Key: must be a UUID4"]


@pytest.mark.parametrize("spelling", ["security_key", "security-key"])
def test_a_new_key_signs_from_then_on(
    running: Sandbox, hooks: Hooks, receiver: Receiver, spelling: str
) -> None:
    subscription = hooks.subscribe(receiver.url)
    renewed = parsed(hooks.post(f"/subscriptions/{subscription['id']}/{spelling}"), 200)
    invoice(hooks)
    running.webhooks.wait_until_drained()
    (one,) = receiver.received
    assert one.signature == sign(renewed["securityKey"], one.body)


def test_headers_are_demanded_and_sessions_checked(hooks: Hooks) -> None:
    missing = hooks.http.get("/subscriptions", headers={"sessionId": ""})
    assert messages(missing, 400) == ["sessionId: header is missing"]
    wrong = hooks.http.get("/subscriptions", headers={"sessionId": "wrong"})
    assert parsed(wrong, 401)[0]["code"] == "BDC_1109"


def test_the_api_of_webhooks_fails_on_purpose_like_the_other(
    running: Sandbox, hooks: Hooks
) -> None:
    running.faults.add(Fault("status", path="/v3/subscriptions$", status=502, count=1))
    assert hooks.http.get("/subscriptions").status_code == 502
    assert hooks.http.get("/subscriptions").status_code == 200


def test_what_only_time_does_is_told_when_the_book_catches_up(
    running: Sandbox, world: World, hooks: Hooks, receiver: Receiver, clock: SettableClock
) -> None:
    book = world.tenants[0].book
    customer = hooks.caller.customer(billingAddress=address())
    made = hooks.caller.invoice(customer["id"], 100)
    account = book.add_bank_account(customer["id"])
    charge = {
        "customerId": customer["id"],
        "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": made["id"], "amount": 100}],
    }
    hooks.caller.create("/receivable-payments", charge)
    clock.advance(timedelta(minutes=10))
    book.catch_up()
    hooks.subscribe(receiver.url)
    clock.advance(timedelta(days=30))
    book.catch_up()
    running.webhooks.wait_until_drained()
    (one,) = receiver.received
    assert one.event["invoice"]["status"] == "PAID_IN_FULL"


def told(running: Sandbox, hooks: Hooks, receiver: Receiver, fault: Fault, count: int = 1) -> Any:
    """The ids of the invoices told of, in order, of so many made with the fault in force."""
    running.faults.add(fault)
    made = [invoice(hooks)["id"] for _ in range(count)]
    running.webhooks.wait_until_drained()
    return [made.index(one.event["invoice"]["id"]) for one in receiver.received]


def test_deliveries_can_be_dropped(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    subscription = hooks.subscribe(receiver.url)
    assert told(running, hooks, receiver, Fault("webhook_drop", count=1), 2) == [1]
    assert len(hooks.events(subscription)["results"]) == 2


def test_deliveries_can_come_twice(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    hooks.subscribe(receiver.url)
    assert told(running, hooks, receiver, Fault("webhook_duplicate")) == [0, 0]
    assert receiver.received[0] == receiver.received[1]


def test_deliveries_can_come_out_of_order(world: World, receiver: Receiver) -> None:
    with running_sandbox(world, pace=Pace(speed=10)) as running:
        hooks = Hooks(running)
        hooks.subscribe(receiver.url)
        assert told(running, hooks, receiver, Fault("webhook_reorder", count=1), 2) == [1, 0]


def test_signatures_can_be_forged(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    subscription = hooks.subscribe(receiver.url)
    receiver.statuses = [401]
    assert told(running, hooks, receiver, Fault("webhook_forge")) == [0, 0]
    key = subscription["securityKey"]
    assert [one.signature == sign(key, one.body) for one in receiver.received] == [False, True]
    assert [d.fault for d in running.webhooks.deliveries] == ["webhook_forge", None]


def test_deliveries_can_be_late(running: Sandbox, hooks: Hooks, receiver: Receiver) -> None:
    hooks.subscribe(receiver.url)
    running.faults.add(Fault("webhook_delay", delay_s=0.3, path="invoice.created"))
    invoice(hooks)
    assert receiver.received == []
    with pytest.raises(TimeoutError, match="1 webhook events are still on their way"):
        running.webhooks.wait_until_drained(0.01)
    running.webhooks.wait_until_drained()
    assert receiver.types == ["invoice.created"]


@pytest.mark.parametrize(
    ("key", "text", "signature"),
    [
        ("a key of ours", "{}", "1a2W5EU8aETcLSicGHSlDG+NS6oUPLfZ+p2vlueuS88="),
        ("schlüssel", '{"a":1.00}', "YWF/OeRRG/CFNDLyJvdEb1ntDMoJsMafjz1L3wyJYR8="),
    ],
)
def test_signatures_are_what_they_always_were(key: str, text: str, signature: str) -> None:
    assert sign(key, text.encode()) == signature


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not part of this repository")
def test_signatures_are_as_documented() -> None:
    for vector in json.loads(VECTORS.read_text(encoding="utf-8")):
        signed = sign(vector["securityKey"], vector["body"].encode())
        assert signed == vector["x-bill-sha-signature"]
