from datetime import timedelta

import pytest

from billcom.sandbox.clock import SettableClock
from tests.billcom.sandbox.caller import Caller, Json, address, messages, parsed


def test_a_new_customer_comes_back_whole(alder: Caller) -> None:
    given: dict[str, Json] = {
        "companyName": "Granite Peak Outfitters Inc",
        "contact": {"firstName": "Ilse", "lastName": "Varga"},
        "phone": "208-555-0142",
        "accountType": "BUSINESS",
        "accountNumber": "GP-1007",
        "invoiceCurrency": "CAD",
        "description": "Maps and ropes",
    }
    customer = alder.customer(**given, billingAddress=address())
    assert customer.items() >= given.items()
    assert customer["id"].startswith("0cu02")
    assert len(customer["id"]) == 20
    assert customer["billingAddress"] == {**address(), "countryName": "United States"}
    assert customer["createdTime"] == customer["updatedTime"] == "2026-09-18T20:30:15.250+00:00"
    assert customer["archived"] is False
    assert alder.read(f"/customers/{customer['id']}") == customer


def test_fields_that_are_not_set_are_left_out(alder: Caller) -> None:
    customer = alder.customer()
    assert not {"phone", "fax", "contact", "billingAddress", "paymentTermId"} & set(customer)


def test_two_customers_may_have_the_same_name(alder: Caller) -> None:
    assert alder.customer("Twin")["id"] != alder.customer("Twin")["id"]


def test_a_change_touches_what_is_given_and_the_time(alder: Caller, clock: SettableClock) -> None:
    customer = alder.customer(phone="208-555-0142")
    clock.advance(timedelta(minutes=3))
    changed = parsed(alder.patch(f"/customers/{customer['id']}", {"phone": "208-555-0143"}), 200)
    expected = {"phone": "208-555-0143", "updatedTime": "2026-09-18T20:33:15.250+00:00"}
    assert changed == {**customer, **expected}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "name: must not be blank"),
        ({"name": "x" * 101}, "name: size must be between 0 and 100"),
        ({"name": 7}, "name: must be a string"),
        ({"email": "nobody"}, "email: must be a well-formed email address"),
        ({"invoiceCurrency": "DOLLARS"}, "invoiceCurrency: must be an ISO 4217 currency"),
        ({"contact": "Ilse"}, "contact: must be an object"),
        (
            {"accountType": ["BUSINESS"]},
            "accountType: must be one of BUSINESS, NONE, PERSON, UNDEFINED",
        ),
        (
            {"billingAddress": {**address(), "line1": None}},
            "billingAddress.line1: must not be blank",
        ),
    ],
)
def test_a_wrong_field_is_named(alder: Caller, fields: dict[str, object], message: str) -> None:
    body = {"name": "Granite", "email": "ap@granite.example", **fields}
    assert messages(alder.post("/customers", body), 400) == [message]


def test_archiving_and_restoring_can_be_repeated(alder: Caller, clock: SettableClock) -> None:
    path = f"/customers/{alder.customer()['id']}"
    archived = alder.act(f"{path}/archive")
    clock.advance(timedelta(minutes=1))
    assert archived["archived"] is True
    assert alder.act(f"{path}/archive") == archived
    restored = alder.act(f"{path}/restore")
    assert restored["archived"] is False
    assert restored["updatedTime"] > archived["updatedTime"]
    assert alder.act(f"{path}/restore") == restored


def test_a_balance_moves_without_the_customers_updated_time(
    alder: Caller, clock: SettableClock
) -> None:
    customer = alder.customer()
    clock.advance(timedelta(minutes=3))
    invoice = alder.invoice(customer["id"], 120.50)
    owing = alder.read(f"/customers/{customer['id']}")
    assert str(owing["balance"]["amount"]) == "120.50"
    assert owing["updatedTime"] == customer["updatedTime"]
    alder.act(f"/invoices/{invoice['id']}/archive")
    assert alder.read(f"/customers/{customer['id']}")["balance"]["amount"] == 0
