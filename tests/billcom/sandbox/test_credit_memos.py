from datetime import timedelta

import pytest

from billcom.sandbox.clock import SettableClock
from tests.billcom.sandbox.caller import Caller, Json, messages, money, parsed


@pytest.fixture
def customer_id(alder: Caller) -> str:
    return str(alder.customer()["id"])


def memo_body(customer_id: str, *prices: float, **fields: object) -> Json:
    return {
        "customerId": customer_id,
        "referenceNumber": "CM-1",
        "creditDate": "2026-09-10",
        "creditMemoLineItems": [{"price": p, "quantity": 1, "description": "x"} for p in prices],
        **fields,
    }


def test_a_rate_line_takes_its_part_of_the_lines_above_it(alder: Caller, customer_id: str) -> None:
    lines = [
        {"price": 14.99, "quantity": 2},
        {"price": 50, "quantity": 1},
        {"ratePercent": -10, "description": "restocking"},
    ]
    body = {**memo_body(customer_id), "creditMemoLineItems": lines}
    memo = alder.create("/credit-memos", body)
    assert memo["amount"] == money("71.98")
    assert [line["amount"] for line in memo["creditMemoLineItems"]] == [
        money("29.98"),
        money("50.00"),
        money("-8.00"),
    ]
    assert (memo["status"], memo["appliedAmount"]) == ("NOT_APPLIED", 0)


def test_usage_is_told_only_when_asked_for(alder: Caller, customer_id: str) -> None:
    memo = alder.create("/credit-memos", memo_body(customer_id, 60))
    assert "usage" not in memo
    assert "usage" not in parsed(alder.patch(f"/credit-memos/{memo['id']}", {}), 200)
    assert "usage" not in alder.act(f"/credit-memos/{memo['id']}/archive")
    assert alder.read(f"/credit-memos/{memo['id']}")["usage"] == []


def test_an_invoices_credit_uses_up_open_memos_oldest_first(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    newer = alder.create("/credit-memos", memo_body(customer_id, 50, creditDate="2026-09-12"))
    older = alder.create("/credit-memos", memo_body(customer_id, 40, creditDate="2026-09-11"))
    clock.advance(timedelta(minutes=1))
    invoice = alder.invoice(customer_id, 100, creditAmount=60)
    assert (invoice["creditAmount"], invoice["dueAmount"]) == (60, 40)
    assert invoice["status"] == "PARTIAL_PAYMENT"
    spent = alder.read(f"/credit-memos/{older['id']}")
    assert (spent["status"], spent["appliedAmount"]) == ("FULLY_APPLIED", 40)
    assert spent["usage"] == [{"invoiceId": invoice["id"], "amount": money("40.00")}]
    assert spent["updatedTime"] > older["updatedTime"]
    rest = alder.read(f"/credit-memos/{newer['id']}")
    assert (rest["status"], rest["appliedAmount"]) == ("PARTIALLY_APPLIED", 20)


def test_credit_for_the_whole_invoice_pays_it(alder: Caller, customer_id: str) -> None:
    alder.create("/credit-memos", memo_body(customer_id, 100))
    assert alder.invoice(customer_id, 100, creditAmount=100)["status"] == "PAID_IN_FULL"


def test_a_smaller_credit_gives_the_rest_back(alder: Caller, customer_id: str) -> None:
    memo = alder.create("/credit-memos", memo_body(customer_id, 80))
    invoice = alder.invoice(customer_id, 100, creditAmount=80)
    changed = parsed(alder.patch(f"/invoices/{invoice['id']}", {"creditAmount": 30}), 200)
    assert (changed["creditAmount"], changed["dueAmount"]) == (30, 70)
    assert alder.read(f"/credit-memos/{memo['id']}")["appliedAmount"] == 30
    parsed(alder.patch(f"/invoices/{invoice['id']}", {"creditAmount": 0}), 200)
    assert alder.read(f"/credit-memos/{memo['id']}")["usage"] == []


def test_more_credit_than_there_is_or_than_is_owed_is_refused(
    alder: Caller, customer_id: str
) -> None:
    alder.create("/credit-memos", memo_body(customer_id, 200))
    archived = alder.create("/credit-memos", memo_body(customer_id, 500))
    alder.act(f"/credit-memos/{archived['id']}/archive")
    stranger = alder.customer("Stranger")
    line = [{"quantity": 1, "price": 100}]
    for owner, credit in ((customer_id, 101), (customer_id, 201), (stranger["id"], 1)):
        body = {"customer": {"id": owner}, "invoiceLineItems": line, "creditAmount": credit}
        assert alder.post("/invoices", body).status_code == 422
    assert alder.read("/invoices")["results"] == []


def test_a_memo_is_changed_replaced_archived_and_restored(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    memo = alder.create("/credit-memos", memo_body(customer_id, 10, 20))
    path = f"/credit-memos/{memo['id']}"
    clock.advance(timedelta(minutes=1))
    line = {"id": memo["creditMemoLineItems"][0]["id"], "price": 15}
    changed = parsed(alder.patch(path, {"description": "d", "creditMemoLineItems": [line]}), 200)
    assert (changed["amount"], changed["description"]) == (35, "d")
    assert changed["updatedTime"] > memo["updatedTime"]
    assert parsed(alder.put(path, memo_body(customer_id, 5)), 200)["amount"] == 5
    assert alder.act(f"{path}/archive")["archived"] is True
    assert alder.act(f"{path}/restore")["archived"] is False


def test_a_memo_cannot_shrink_below_what_is_applied(alder: Caller, customer_id: str) -> None:
    memo = alder.create("/credit-memos", memo_body(customer_id, 80))
    alder.invoice(customer_id, 100, creditAmount=80)
    response = alder.put(f"/credit-memos/{memo['id']}", memo_body(customer_id, 79))
    assert response.status_code == 422


def test_a_wrong_memo_names_every_field(alder: Caller, customer_id: str) -> None:
    assert messages(alder.post("/credit-memos", {}), 400) == [
        "creditDate: must not be null",
        "creditMemoLineItems: must not be null",
        "customerId: must not be blank",
        "referenceNumber: must not be blank",
    ]
    both = [{"price": 1, "quantity": 1, "ratePercent": 5}]
    body = {**memo_body(customer_id), "creditMemoLineItems": both}
    assert messages(alder.post("/credit-memos", body), 400) == [
        "creditMemoLineItems[0].ratePercent: excludes price"
    ]
