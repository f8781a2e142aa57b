"""Every knob turned, and what a caller notices of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.knobs import AS_ASSUMED, KnobError, Knobs, read_position
from billcom.sandbox.limits import Limits
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, address, login_body, parsed, recorded

NOBODY = "00e02AAAAAAAAAAAAAAA"


@pytest.fixture
def turn(world: World) -> Any:
    def turned(**positions: Any) -> None:
        world.use_knobs(Knobs(**positions))

    return turned


@pytest.fixture
def book(world: World) -> Book:
    return world.tenants[0].book


@pytest.fixture
def invoice(alder: Caller) -> Any:
    return alder.invoice(alder.customer(billingAddress=address())["id"], 100)


def charged(alder: Caller, book: Book, invoice: Any, amount: int, **fields: str) -> Any:
    account = book.add_bank_account(invoice["customerId"])
    return alder.post(
        "/receivable-payments",
        {
            "customerId": invoice["customerId"],
            "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
            "invoicePayments": [{"invoiceId": invoice["id"], "amount": amount}],
            **fields,
        },
    )


@pytest.mark.parametrize("status", [400, 422])
def test_a_bad_login_may_have_other_statuses(
    sandbox: Sandbox, alder: Caller, turn: Any, status: int
) -> None:
    turn(bad_login_status=status)
    body = {**login_body(sandbox.tenants[0]), "password": "wrong"}
    assert parsed(alder.http.post("/login", json=body), status)[0]["code"] == "BDC_1101"


def test_the_gateway_may_stop_calls_without_a_key_or_session(alder: Caller, turn: Any) -> None:
    turn(missing_auth="gateway")
    response = alder.http.get("/invoices", headers={"sessionId": ""})
    assert parsed(response, 401) == {"message": "Unauthorized"}
    wrong = alder.http.get("/invoices", headers={"sessionId": "wrong"})
    assert parsed(wrong, 401)[0]["code"] == "BDC_1109"


def test_what_is_not_there_may_have_other_statuses(alder: Caller, turn: Any) -> None:
    turn(unknown_id_status=422, unknown_path_status=403)
    assert alder.get(f"/invoices/{NOBODY}").status_code == 422
    assert alder.get("/nothing").status_code == 403


def test_charging_may_answer_200(alder: Caller, book: Book, turn: Any, invoice: Any) -> None:
    turn(charge_status=200)
    assert charged(alder, book, invoice, 100).status_code == 200


def test_a_sync_token_may_be_allowed_to_charge(
    sandbox: Sandbox, alder: Caller, book: Book, turn: Any, invoice: Any
) -> None:
    alder.tenant = replace(
        alder.tenant,
        username=str(alder.tenant.sync_token_name),
        password=str(alder.tenant.sync_token_value),
    )
    alder.log_in()
    assert charged(alder, book, invoice, 40).status_code == 403
    turn(token_may_charge=True)
    assert charged(alder, book, invoice, 40).status_code == 201


def test_a_scheduled_entry_may_be_dated_when_it_was_made(
    alder: Caller, book: Book, turn: Any, invoice: Any
) -> None:
    turn(scheduled_entry_date="created")
    charged(alder, book, invoice, 40, paymentDate="2026-09-25")
    (entry,) = alder.read(f"/invoices/{invoice['id']}")["payments"]
    assert entry["date"] == "2026-09-18"


def test_lists_may_leave_archived_rows_out(alder: Caller, turn: Any, invoice: Any) -> None:
    alder.act(f"/invoices/{invoice['id']}/archive")
    turn(archived_in_lists=False)
    assert alder.all("/invoices") == []
    assert len(alder.all("/invoices", filters="archived:eq:true")) == 1
    turn()
    assert len(alder.all("/invoices")) == 1


def test_lists_may_have_another_order(alder: Caller, clock: SettableClock, turn: Any) -> None:
    for name in ("Ash", "Beech"):
        alder.customer(name)
        clock.advance(timedelta(seconds=1))
    turn(list_order="createdTime:desc")
    assert [c["name"] for c in alder.all("/customers")] == ["Beech", "Ash"]


def test_unknown_filters_and_sorts_may_be_ignored(alder: Caller, turn: Any, invoice: Any) -> None:
    turn(unknown_filter="ignore")
    filters = f"shoeSize:eq:44,customerId:eq:{invoice['customerId']},totalAmount:sw:1"
    assert len(alder.all("/invoices", filters=filters, sort="shoeSize:asc")) == 1


def test_a_bad_page_token_may_mean_the_first_page(alder: Caller, turn: Any) -> None:
    alder.customer()
    turn(bad_page="first_page")
    assert len(alder.read("/customers", page="garbage")["results"]) == 1


def test_page_tokens_may_be_good_once(alder: Caller, turn: Any) -> None:
    for name in ("Ash", "Beech"):
        alder.customer(name)
    turn(page_tokens_once=True)
    token = alder.read("/customers", max=1)["nextPage"]
    statuses = [alder.get("/customers", max=1, page=token).status_code for _ in range(2)]
    assert statuses == [200, 400]


def test_page_tokens_may_be_good_for_other_filters(alder: Caller, turn: Any) -> None:
    for name in ("Ash", "Beech"):
        alder.customer(name)
    turn(page_tokens_bound=False)
    first = alder.read("/customers", max=1)
    rest = alder.read("/customers", page=first["nextPage"], filters="archived:eq:false")
    assert {c["name"] for c in first["results"] + rest["results"]} == {"Ash", "Beech"}


def test_what_is_paid_too_much_may_stay_unapplied(alder: Caller, turn: Any, invoice: Any) -> None:
    turn(overpayment="unapplied")
    paid = alder.pay(130, (invoice["id"], 130))
    assert (paid["amount"], paid["unappliedAmount"]) == (130, 30)
    assert alder.read(f"/invoices/{invoice['id']}")["status"] == "PAID_IN_FULL"
    again = alder.post("/invoices/record-payment", recorded(5, (invoice["id"], 5)))
    assert again.status_code == 422


def test_what_is_paid_on_a_closed_invoice_may_stay_unapplied(
    alder: Caller, turn: Any, invoice: Any
) -> None:
    alder.act(f"/invoices/{invoice['id']}/archive")
    turn(closed_invoice_payment="unapplied")
    paid = alder.pay(60, (invoice["id"], 60))
    assert (paid["unappliedAmount"], paid["invoices"]) == (60, [])


def test_a_total_may_fall_below_what_is_paid(alder: Caller, turn: Any, invoice: Any) -> None:
    alder.pay(100, (invoice["id"], 100))
    line = {"id": invoice["invoiceLineItems"][0]["id"], "price": 70}
    body = {"invoiceLineItems": [line]}
    assert alder.patch(f"/invoices/{invoice['id']}", body).status_code == 422
    turn(total_below_paid="allow")
    assert parsed(alder.patch(f"/invoices/{invoice['id']}", body), 200)["dueAmount"] == -30


def test_an_invoice_with_payments_may_have_to_stay(alder: Caller, turn: Any, invoice: Any) -> None:
    alder.pay(10, (invoice["id"], 10))
    turn(archive_paid="refuse")
    assert alder.post(f"/invoices/{invoice['id']}/archive").status_code == 422


def test_scheduled_in_part_may_be_scheduled(
    alder: Caller, book: Book, turn: Any, invoice: Any
) -> None:
    turn(partly_scheduled_status="SCHEDULED")
    charged(alder, book, invoice, 40)
    assert alder.read(f"/invoices/{invoice['id']}")["status"] == "SCHEDULED"


def test_a_returned_payment_may_be_canceled(
    alder: Caller, book: Book, turn: Any, invoice: Any
) -> None:
    turn(returned_status="CANCELED")
    payment = parsed(charged(alder, book, invoice, 40), 201)
    assert book.void_payment(payment["id"])["status"] == "CANCELED"
    assert book.invoices[invoice["id"]]["status"] == "OPEN"


def test_invoice_numbers_may_be_free_elsewhere(alder: Caller, turn: Any, invoice: Any) -> None:
    number = {"invoiceNumber": invoice["invoiceNumber"]}
    turn(duplicate_number="customer")
    assert alder.invoice(alder.customer("Other")["id"], 5, **number)["invoiceNumber"]
    body = {"customer": {"id": invoice["customerId"]}, **number}
    lines = {"invoiceLineItems": [{"quantity": 1, "price": 1}]}
    assert alder.post("/invoices", {**body, **lines}).status_code == 422
    turn(duplicate_number="allow")
    assert alder.post("/invoices", {**body, **lines}).status_code == 201


def test_a_customers_name_may_have_to_be_its_own(alder: Caller, turn: Any) -> None:
    turn(duplicate_customer="refuse")
    alder.customer("Ash")
    again = alder.post("/customers", {"name": "Ash", "email": "a@ash.example"})
    assert "Duplicate customer name" in parsed(again, 422)[0]["message"]


def test_failed_calls_may_leave_the_idle_time_alone(
    alder: Caller, clock: SettableClock, turn: Any
) -> None:
    turn(failed_calls_rearm=False)
    clock.advance(timedelta(minutes=20))
    assert alder.get("/nothing").status_code == 404
    clock.advance(timedelta(minutes=16))
    assert alder.get("/invoices").status_code == 401
    alder.log_in()
    for _ in range(2):
        clock.advance(timedelta(minutes=20))
        assert alder.get("/invoices").status_code == 200


def test_a_user_may_have_few_sessions(sandbox: Sandbox, alder: Caller, turn: Any) -> None:
    turn(most_sessions=1)
    Caller(sandbox, sandbox.tenants[1])
    newer = Caller(sandbox, sandbox.tenants[0])
    assert (alder.get("/invoices").status_code, newer.get("/invoices").status_code) == (401, 200)


@contextmanager
def limited(world: World, limits: Limits, knobs: Knobs) -> Iterator[Sandbox]:
    with running_sandbox(world, limits=limits, knobs=knobs) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("counts", "used"), [(True, 4), (False, 2)])
def test_refused_calls_may_not_count(world: World, counts: bool, used: int) -> None:
    knobs = Knobs(refused_calls_count=counts, rate_limit_status=429)
    with limited(world, Limits(calls_per_hour=2), knobs) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        assert [caller.get("/invoices").status_code for _ in range(3)] == [200, 429, 429]
        assert list(sandbox.calls.per_hour.values()) == [used]
        assert sandbox.calls.violations == {"BDC_1144": 2}


def test_a_session_may_tell_of_a_second_factor(alder: Caller, turn: Any) -> None:
    turn(mfa_status="ENABLED")
    assert alder.read("/login/session")["mfaStatus"] == "ENABLED"


def test_today_may_be_elsewhere(alder: Caller, clock: SettableClock, turn: Any) -> None:
    clock.set(datetime(2026, 9, 18, 23, tzinfo=UTC))
    alder.log_in()
    turn(time_zone="Asia/Tokyo")
    assert alder.invoice(alder.customer()["id"], 5)["invoiceDate"] == "2026-09-19"


def test_a_payment_may_leave_updated_time_alone(
    alder: Caller, clock: SettableClock, turn: Any, invoice: Any
) -> None:
    turn(touch_by_payment=False)
    clock.advance(timedelta(minutes=1))
    alder.pay(100, (invoice["id"], 100))
    assert alder.read(f"/invoices/{invoice['id']}")["updatedTime"] == invoice["updatedTime"]


def test_knobs_are_turned_by_text() -> None:
    turned = AS_ASSUMED.turned(dict([read_position("rate_limit_status=429")]))
    assert turned == Knobs(rate_limit_status=429)
    assert AS_ASSUMED.turned({"archived_in_lists": "no"}) == Knobs(archived_in_lists=False)


@pytest.mark.parametrize(
    ("positions", "sentence"),
    [
        ({"volume": "11"}, "There is no knob 'volume'"),
        ({"rate_limit_status": "500"}, "rate_limit_status is one of 422, 429, not 500"),
        ({"rate_limit_status": "many"}, "rate_limit_status takes a whole number, not 'many'"),
        ({"archived_in_lists": "maybe"}, "archived_in_lists takes true or false"),
        ({"time_zone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus'"),
        ({"most_sessions": -1}, "not negative"),
    ],
)
def test_a_knob_turned_too_far_says_so(positions: dict[str, Any], sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        AS_ASSUMED.turned(positions)


def test_a_position_without_a_value_is_refused() -> None:
    with pytest.raises(KnobError, match="NAME=VALUE"):
        read_position("rate_limit_status")


def test_every_knob_says_what_it_is_about() -> None:
    assert all(knob.metadata["about"] for knob in fields(Knobs))
