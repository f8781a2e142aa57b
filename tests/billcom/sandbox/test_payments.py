from datetime import timedelta

import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, address, messages, money, parsed, recorded


@pytest.fixture
def book(world: World) -> Book:
    return world.tenants[0].book


@pytest.fixture
def customer(alder: Caller, book: Book) -> Json:
    """A customer with leave to be charged; `account` is its bank account."""
    made = alder.customer(billingAddress=address())
    account = book.add_bank_account(made["id"])
    return {**made, "account": account}


def charge_body(customer: Json, *parts: tuple[str, float], **fields: object) -> Json:
    return {
        "customerId": customer["id"],
        "fundingAccount": {"id": customer["account"], "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": i, "amount": amount} for i, amount in parts],
        **fields,
    }


def amounts(invoice: Json) -> tuple[str, str, str]:
    return invoice["status"], str(invoice["dueAmount"]), str(invoice["scheduledAmount"])


def test_money_recorded_is_paid_at_once_and_the_rest_stays_unapplied(
    alder: Caller, customer: Json
) -> None:
    first, second = alder.invoice(customer["id"], 50), alder.invoice(customer["id"], 90)
    answer = alder.pay(100, (first["id"], 50), (second["id"], 30))
    assert (answer["status"], answer["paymentType"]) == ("PAID", "CHECK")
    assert (answer["amount"], answer["unappliedAmount"]) == (100, 20)
    assert [invoice["id"] for invoice in answer["invoices"]] == [first["id"], second["id"]]
    paid = alder.read(f"/invoices/{first['id']}")
    assert amounts(paid) == ("PAID_IN_FULL", "0.00", "0.00")
    assert paid["payments"] == answer["invoices"][0]["payments"]
    assert paid["payments"][0]["date"] == "2026-09-18"
    assert amounts(alder.read(f"/invoices/{second['id']}"))[0] == "PARTIAL_PAYMENT"
    balance = alder.read(f"/customers/{customer['id']}")["balance"]["amount"]
    assert balance == 90 - 30 - 20


def test_a_recorded_payment_reads_back_under_other_names(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 50)
    answer = alder.pay(50, (invoice["id"], 50))
    payment = alder.read(f"/receivable-payments/{answer['id']}")
    assert payment["receivablesType"] == "CHECK"
    assert payment["onlinePayment"] is False
    assert payment["invoicePayments"] == [
        {"invoiceId": invoice["id"], "amount": money("50.00"), "paymentDate": "2026-09-18"}
    ]
    assert not {"paymentType", "invoices", "archived"} & set(payment)


def test_an_invoices_updated_time_moves_when_its_payment_does(
    alder: Caller, customer: Json, clock: SettableClock, book: Book
) -> None:
    invoice = alder.invoice(customer["id"], 50)
    clock.advance(timedelta(minutes=1))
    payment = alder.pay(50, (invoice["id"], 50))
    paid = alder.read(f"/invoices/{invoice['id']}")
    assert paid["updatedTime"] > invoice["updatedTime"]
    clock.advance(timedelta(minutes=1))
    book.void_payment(payment["id"])
    assert alder.read(f"/invoices/{invoice['id']}")["updatedTime"] > paid["updatedTime"]


def test_amounts_may_be_sent_as_text(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    body = {**recorded(0, (invoice["id"], 0)), "amount": "100"}
    body["invoices"][0]["amount"] = "60"
    answer = alder.act("/invoices/record-payment", body)
    assert (answer["amount"], answer["unappliedAmount"]) == (100, 40)


def test_recording_twice_records_twice(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    alder.pay(40, (invoice["id"], 40))
    alder.pay(40, (invoice["id"], 40))
    assert alder.read(f"/invoices/{invoice['id']}")["dueAmount"] == 20


def test_more_than_is_due_is_refused(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    alder.post("/invoices/record-payment", recorded(100, (invoice["id"], 100)))
    for parts in ([(invoice["id"], 0.01)], [(invoice["id"], 60), (invoice["id"], 60)]):
        assert alder.post("/invoices/record-payment", recorded(500, *parts)).status_code == 422


def test_an_archived_invoice_takes_no_payment(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    alder.act(f"/invoices/{invoice['id']}/archive")
    response = alder.post("/invoices/record-payment", recorded(100, (invoice["id"], 100)))
    assert messages(response, 422) == [f"Invoice {invoice['id']} is archived."]


def test_the_parts_may_not_exceed_the_whole(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    body = recorded(50, (invoice["id"], 60))
    assert alder.post("/invoices/record-payment", body).status_code == 422


def test_one_payment_is_of_one_customer(alder: Caller, customer: Json) -> None:
    other = alder.customer("Other")
    mine, theirs = alder.invoice(customer["id"], 10), alder.invoice(other["id"], 10)
    body = recorded(20, (mine["id"], 10), (theirs["id"], 10))
    assert alder.post("/invoices/record-payment", body).status_code == 422
    body = {**recorded(10, (mine["id"], 10)), "customerId": other["id"]}
    assert alder.post("/invoices/record-payment", body).status_code == 422
    assert alder.post("/invoices/record-payment", recorded(1, ("00e", 1))).status_code == 422


def test_a_wrong_payment_names_every_field(alder: Caller) -> None:
    assert "invoices: must not be null" in messages(alder.post("/invoices/record-payment", {}), 400)
    customer = alder.customer()
    invoice = alder.invoice(customer["id"], 10)
    body = {"invoices": [{"id": invoice["id"], "amount": 1}], "paymentType": "WIRE"}
    assert messages(alder.post("/invoices/record-payment", body), 400) == [
        "amount: must not be null",
        "paymentDate: must not be null",
        "paymentType: must be one of ACH, CASH, CHECK, CREDIT_CARD, OTHER, PAYPAL",
    ]


def test_a_charge_waits_as_scheduled_until_it_clears(
    alder: Caller, customer: Json, book: Book
) -> None:
    invoice = alder.invoice(customer["id"], 100)
    payment = alder.create(
        "/receivable-payments",
        charge_body(customer, (invoice["id"], 100), paymentDate="2026-09-22"),
    )
    assert (payment["status"], payment["receivablesType"]) == ("SCHEDULED", "ACH")
    assert payment["onlinePayment"] is True
    scheduled = alder.read(f"/invoices/{invoice['id']}")
    assert amounts(scheduled) == ("SCHEDULED", "0.00", "100.00")
    assert scheduled["payments"][0]["date"] == "2026-09-22"
    book.settle_payment(payment["id"])
    assert amounts(alder.read(f"/invoices/{invoice['id']}")) == ("PAID_IN_FULL", "0.00", "0.00")
    assert alder.read(f"/receivable-payments/{payment['id']}")["status"] == "PAID"


def test_an_invoice_charged_in_part_is_paid_in_part(alder: Caller, customer: Json) -> None:
    invoice = alder.invoice(customer["id"], 100)
    alder.create("/receivable-payments", charge_body(customer, (invoice["id"], 40)))
    assert amounts(alder.read(f"/invoices/{invoice['id']}")) == (
        "PARTIAL_PAYMENT",
        "60.00",
        "40.00",
    )


@pytest.mark.parametrize("clears_first", [False, True])
def test_a_returned_payment_opens_the_invoice_again(
    alder: Caller, customer: Json, book: Book, clears_first: bool
) -> None:
    invoice = alder.invoice(customer["id"], 100)
    payment = alder.create("/receivable-payments", charge_body(customer, (invoice["id"], 100)))
    if clears_first:
        book.settle_payment(payment["id"])
    book.void_payment(payment["id"])
    reopened = alder.read(f"/invoices/{invoice['id']}")
    assert amounts(reopened) == ("OPEN", "100.00", "0.00")
    assert [entry["status"] for entry in reopened["payments"]] == ["VOID"]
    assert alder.read(f"/customers/{customer['id']}")["balance"]["amount"] == 100
    assert alder.pay(100, (invoice["id"], 100))["status"] == "PAID"


def test_a_canceled_payment_opens_the_invoice_again(
    alder: Caller, customer: Json, book: Book
) -> None:
    invoice = alder.invoice(customer["id"], 100)
    payment = alder.create("/receivable-payments", charge_body(customer, (invoice["id"], 100)))
    book.cancel_payment(payment["id"])
    assert amounts(alder.read(f"/invoices/{invoice['id']}")) == ("OPEN", "100.00", "0.00")
    assert alder.read(f"/receivable-payments/{payment['id']}")["status"] == "CANCELED"


def test_a_payment_that_is_over_moves_no_more(alder: Caller, customer: Json, book: Book) -> None:
    invoice = alder.invoice(customer["id"], 100)
    payment = alder.create("/receivable-payments", charge_body(customer, (invoice["id"], 100)))
    book.void_payment(payment["id"])
    for move in (book.settle_payment, book.cancel_payment, book.void_payment):
        with pytest.raises(BusinessRuleError):
            move(payment["id"])


def test_a_charge_needs_leave_an_account_a_day_to_come_and_an_amount_due(
    alder: Caller, customer: Json
) -> None:
    invoice = alder.invoice(customer["id"], 100)
    stranger = {**alder.customer("No leave"), "account": customer["account"]}
    theirs = alder.invoice(stranger["id"], 100)
    post, path = alder.post, "/receivable-payments"
    assert post(path, charge_body(stranger, (theirs["id"], 1))).status_code == 422
    assert (
        post(path, charge_body({**customer, "account": "cba"}, (invoice["id"], 1))).status_code
        == 422
    )
    assert post(path, charge_body(customer, (invoice["id"], 101))).status_code == 422
    yesterday = charge_body(customer, (invoice["id"], 1), paymentDate="2026-09-17")
    (error,) = parsed(post(path, yesterday), 422)
    assert error["code"] == "BDC_1152"
    assert alder.read(path)["results"] == []


def test_a_wrong_charge_names_every_field(alder: Caller) -> None:
    assert messages(alder.post("/receivable-payments", {}), 400) == [
        "customerId: must not be blank",
        "fundingAccount: must not be null",
        "invoicePayments: must not be null",
    ]
