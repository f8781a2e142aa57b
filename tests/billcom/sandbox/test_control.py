"""The control API: every path of it, and what it answers to nonsense."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.types import Message

from billcom.sandbox.clock import RunningClock, SettableClock, system_clock
from billcom.sandbox.control import control_app
from billcom.sandbox.control_server import Controls
from billcom.sandbox.deliveries import Pace
from billcom.sandbox.faults import Fault
from billcom.sandbox.limits import Limits
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, address, parsed, plain_client
from tests.billcom.sandbox.receiver import receiving
from tests.billcom.sandbox.test_webhooks import Hooks


@pytest.fixture
def running(world: World) -> Iterator[Sandbox]:
    with running_sandbox(world, control=True, limits=Limits(), pace=Pace(speed=500)) as sandbox:
        yield sandbox


@pytest.fixture
def control(running: Sandbox) -> Iterator[httpx.Client]:
    with plain_client(str(running.control_url)) as client:
        yield client


@pytest.fixture
def caller(running: Sandbox) -> Caller:
    return Caller(running, running.tenants[0])


def said(response: httpx.Response, status: int) -> str:
    """The sentence of a refusal."""
    found = parsed(response, status)
    assert list(found) == ["error"]
    return str(found["error"])


def done(response: httpx.Response) -> Any:
    return parsed(response, 200)


def test_without_being_asked_for_there_is_none(sandbox: Sandbox) -> None:
    assert sandbox.control_url is None
    response = httpx.get(sandbox.base_url.removesuffix("/connect") + "/control/clock")
    assert parsed(response, 404)[0]["code"] == "BDC_1121"


def test_it_says_what_there_is_and_that_there_is_no_more(control: httpx.Client) -> None:
    paths = done(control.get(""))["paths"]
    assert "POST /control/clock" in paths
    assert paths == done(control.get("/"))["paths"]
    assert said(control.get("/nothing"), 404) == (
        "There is no GET /control/nothing; GET /control lists what there is."
    )
    assert control.put("/clock").status_code == 404


def test_it_answers_this_machine_only(running: Sandbox, world: World) -> None:
    controls = Controls(world, running.faults, running.calls, running.webhooks)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/control/clock",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.7", 4711),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(control_app(controls)(scope, receive, send))
    assert sent[0]["status"] == 404
    assert b"this machine only" in sent[1]["body"]


def test_its_own_calls_are_in_no_log_and_hit_by_no_fault(
    running: Sandbox, control: httpx.Client
) -> None:
    running.faults.add(Fault("reset"))
    assert done(control.get("/calls")) == {"total": 0, "calls": []}


def test_tenants_and_books_can_be_read(control: httpx.Client, caller: Caller) -> None:
    customer = caller.customer()
    alder, birch = done(control.get("/tenants"))
    assert (alder["name"], alder["records"]["customers"]) == ("Alder", 1)
    assert birch["records"]["customers"] == 0
    book = f"/books/{alder['organization_id']}"
    assert "customers" in done(control.get(book))["tables"]
    assert done(control.get(book))["operations"]["void_payment"] == ["id"]
    assert done(control.get(f"{book}/customers")) == [customer]
    assert done(control.get(f"/books/Alder/customers/{customer['id']}")) == customer
    assert said(control.get("/books/Cedar"), 404) == "There is no tenant 'Cedar'."
    assert "A book has no 'hats'" in said(control.get(f"{book}/hats"), 404)
    assert said(control.get(f"{book}/customers/none"), 404) == "No customer with id none."


def test_a_book_is_changed_by_its_operations(control: httpx.Client, caller: Caller) -> None:
    line = {"quantity": 1, "price": 50}
    given = {"name": "Ash", "email": "ap@ash.example", "billingAddress": address()}
    customer = done(control.post("/books/Alder/create_customer", json={"body": given}))
    body = {"customer": {"id": customer["id"]}, "invoiceLineItems": [line]}
    invoice = done(control.post("/books/Alder/create_invoice", json={"body": body}))
    changed = {"id": invoice["id"], "body": {"dueDate": "2026-12-24"}}
    done(control.post("/books/Alder/change_invoice", json=changed))
    assert caller.read(f"/invoices/{invoice['id']}")["dueDate"] == "2026-12-24"


@pytest.mark.parametrize(
    ("operation", "status"),
    [("settle_payment", "PAID"), ("void_payment", "VOID"), ("cancel_payment", "CANCELED")],
)
def test_a_scheduled_payment_is_settled_voided_or_canceled(
    control: httpx.Client, caller: Caller, operation: str, status: str
) -> None:
    customer = caller.customer(billingAddress=address())
    invoice = caller.invoice(customer["id"], 80)
    account = done(control.post("/books/Alder/add_bank_account", json={"id": customer["id"]}))
    charge = {
        "customerId": customer["id"],
        "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": invoice["id"], "amount": 80}],
    }
    payment = caller.create("/receivable-payments", charge)
    path = f"/books/Alder/{operation}"
    assert done(control.post(path, json={"id": payment["id"]}))["status"] == status
    if status != "PAID":
        assert "cannot become" in said(control.post(path, json={"id": payment["id"]}), 400)


def test_charges_end_as_decided_when_the_clock_is_moved(
    control: httpx.Client, caller: Caller, running: Sandbox
) -> None:
    customer = caller.customer(billingAddress=address())
    invoice = caller.invoice(customer["id"], 80)
    account = done(control.post("/books/Alder/add_bank_account", json={"id": customer["id"]}))
    path = "/books/Alder/decide_charges"
    given = {"id": customer["id"], "outcome": "returns"}
    assert done(control.post(path, json=given)) == given
    body = {
        "customerId": customer["id"],
        "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": invoice["id"], "amount": 80}],
    }
    charge = {"body": body}
    payment = done(control.post("/books/Alder/charge_customer", json=charge))
    done(control.post("/clock", json={"advance_s": 30 * 86_400}))
    book = running.world.tenants[0].book
    assert book.payments[payment["id"]]["status"] == "VOID"
    assert "An outcome is null or one of" in said(control.post(path, json={"outcome": "x"}), 400)
    assert control.post(path, json={"id": "x", "outcome": None}).status_code == 404


def test_a_customers_authorization_can_be_set(control: httpx.Client, caller: Caller) -> None:
    customer = caller.customer()
    path = "/books/Alder/authorize_customer"
    done(control.post(path, json={"id": customer["id"], "authorized": True}))
    assert caller.read(f"/customers/{customer['id']}")["authorizedToCharge"] is True
    assert "true or false" in said(control.post(path, json={"id": customer["id"]}), 400)


@pytest.mark.parametrize(
    ("operation", "body", "status", "sentence"),
    [
        ("rob", {}, 404, "A book has no operation 'rob'."),
        ("void_payment", {}, 400, "void_payment takes id in the body."),
        ("void_payment", {"id": 3}, 400, "void_payment takes id in the body."),
        ("void_payment", {"id": "x", "why": "y"}, 400, "There is no field 'why' here"),
        ("void_payment", {"id": "x"}, 404, "No receivable payment with id x."),
        ("create_customer", {"body": {"name": "x"}}, 400, "email: must not be blank"),
    ],
)
def test_an_operation_that_makes_no_sense_is_refused(
    control: httpx.Client, operation: str, body: Any, status: int, sentence: str
) -> None:
    assert sentence in said(control.post(f"/books/Alder/{operation}", json=body), status)


def test_the_clock_is_moved(control: httpx.Client, clock: SettableClock, caller: Caller) -> None:
    before = clock()
    assert done(control.get("/clock"))["is_settable"] is True
    moved = done(control.post("/clock", json={"advance_s": 2160.5}))
    assert clock() - before == timedelta(seconds=2160.5)
    assert datetime.fromisoformat(moved["now"]) == clock()
    assert caller.get("/invoices").status_code == 401
    done(control.post("/clock", json={"now": "2027-01-01T00:00:00Z"}))
    assert clock() == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Say either advance_s"),
        ({"advance_s": "1"}, "not a number of seconds"),
        ({"advance_s": -1}, "from 0"),
        ({"now": "soon"}, "not an instant"),
        ({"now": "2027-01-01T00:00:00"}, "no time zone"),
        ({"back_s": 3}, "There is no field 'back_s'"),
    ],
)
def test_a_clock_is_not_moved_by_nonsense(control: httpx.Client, body: Any, sentence: str) -> None:
    assert sentence in said(control.post("/clock", json=body), 400)


@pytest.mark.parametrize("body", [b"{", b"[]", b"3"])
def test_a_body_that_is_no_object_is_refused(control: httpx.Client, body: bytes) -> None:
    assert "The body is not" in said(control.post("/clock", content=body), 400)


def test_the_real_time_cannot_be_moved() -> None:
    with running_sandbox(World([], system_clock), control=True) as sandbox:
        response = httpx.post(f"{sandbox.control_url}/clock", json={"advance_s": 1})
    assert "cannot be moved" in said(response, 400)


def test_a_running_clock_goes_on_from_where_it_is_set() -> None:
    clock = RunningClock(datetime(2026, 9, 18, tzinfo=UTC))
    first = clock()
    clock.advance(timedelta(hours=1))
    assert timedelta(hours=1) <= clock() - first < timedelta(hours=1, seconds=5)
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert clock().year == 2030


def test_faults_are_added_shown_and_ended(
    running: Sandbox, control: httpx.Client, caller: Caller
) -> None:
    fault = {"kind": "status", "path": "/v3/invoices", "rate": 1.0, "count": 1, "status": 502}
    assert parsed(control.post("/faults", json=fault), 201) == {"id": 1}
    assert [caller.get("/invoices").status_code for _ in range(2)] == [502, 200]
    assert done(control.get("/faults")) == [
        {"id": 1, "seen": 2, "fired": 1, "kind": "status", "path": "/v3/invoices"}
        | {"count": 1, "status": 502}
    ]
    assert done(control.delete("/faults/1")) == []
    assert said(control.delete("/faults/1"), 404) == "There is no fault 1."
    assert said(control.delete("/faults/x"), 404) == "There is no fault x."
    control.post("/faults", json={"kind": "reset"})
    assert done(control.delete("/faults")) == []
    assert running.faults.list() == ()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({}, "A fault has a kind."),
        ({"kind": "flood"}, "There is no fault 'flood'"),
        ({"kind": "reset", "often": True}, "There is no field 'often'"),
        ({"kind": "reset", "rate": "half"}, "A fault's rate cannot be 'half'."),
        ({"kind": "reset", "count": True}, "A fault's count cannot be True."),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    control: httpx.Client, fault: Any, sentence: str
) -> None:
    assert sentence in said(control.post("/faults", json=fault), 400)


def test_knobs_are_shown_and_turned(control: httpx.Client, caller: Caller) -> None:
    assert done(control.get("/knobs"))["unknown_path_status"] == 404
    assert (
        done(control.patch("/knobs", json={"unknown_path_status": 403}))["unknown_path_status"]
        == 403
    )
    assert caller.get("/nothing").status_code == 403
    assert "no knob 'volume'" in said(control.patch("/knobs", json={"volume": 11}), 400)


def test_the_log_of_calls_is_shown_and_forgotten(control: httpx.Client, caller: Caller) -> None:
    caller.get("/nothing", max=3)
    log = done(control.get("/calls", params={"max": 1}))
    assert log["total"] == 2
    (call,) = log["calls"]
    assert (call["method"], call["path"], call["query"], call["status"], call["fault"]) == (
        "GET",
        "/connect/v3/nothing",
        "max=3",
        404,
        None,
    )
    assert done(control.delete("/calls"))["total"] == 0
    assert "max is a whole number" in said(control.get("/calls", params={"max": "x"}), 400)


def test_what_was_counted_is_shown(world: World) -> None:
    with running_sandbox(world, control=True, limits=Limits(calls_per_hour=2)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        assert [caller.get("/invoices").status_code for _ in range(2)] == [200, 422]
        counts = done(httpx.get(f"{sandbox.control_url}/counts"))
        key = caller.tenant.developer_key
        hour = {"hour": "2026-09-18T20:00:00.000+00:00", "developer_key": key}
        place = {"developer_key": key, "organization_id": caller.tenant.organization_id}
        assert counts == {
            "max_in_flight": [{**place, "calls": 1}],
            "calls_per_hour": [{**hour, "count": 3}],
            "logins_per_hour": [{**hour, "count": 1}],
            "violations": {"BDC_1144": 1, "BDC_1322": 0},
        }


def test_deliveries_are_awaited_and_shown(running: Sandbox, control: httpx.Client) -> None:
    hooks = Hooks(running)
    with receiving() as receiver:
        hooks.subscribe(receiver.url, "invoice.created")
        hooks.caller.invoice(hooks.caller.customer()["id"], 10)
        assert done(control.post("/webhooks/drain")) == {"deliveries": 1}
        (delivery,) = done(control.get("/webhooks/deliveries"))
        assert (delivery["status"], delivery["attempt"]) == (200, 1)
        assert delivery["body"].encode() == receiver.received[0].body
        receiver.slow_s = 1
        hooks.caller.invoice(hooks.caller.customer()["id"], 10)
        late = control.post("/webhooks/drain", json={"timeout_s": 0.01})
        assert "still on their way" in said(late, 400)
