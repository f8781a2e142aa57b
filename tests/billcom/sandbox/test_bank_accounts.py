from datetime import timedelta

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, account_body, address, messages, parsed


@pytest.fixture
def customer(alder: Caller) -> Json:
    return alder.customer(billingAddress=address())


@pytest.fixture
def path(customer: Json) -> str:
    return f"/customers/{customer['id']}/bank-accounts"


def charge(caller: Caller, customer: Json, account_id: str) -> int:
    invoice = caller.invoice(customer["id"], 100)
    body = {
        "customerId": customer["id"],
        "fundingAccount": {"id": account_id, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": invoice["id"], "amount": 100}],
    }
    return caller.post("/receivable-payments", body).status_code


def authorize(caller: Caller, customer: Json, *, given: bool = True) -> Json:
    return caller.act(
        f"/customers/{customer['id']}/charge-authorization", {"authorizedToCharge": given}
    )


def test_an_account_shows_only_the_end_of_its_number(alder: Caller, path: str) -> None:
    made = alder.create(path, account_body(nickname="Main"))
    assert made["id"].startswith("cba02")
    assert (made["accountNumber"], made["status"]) == ("********6789", "VERIFIED")
    assert made["nickname"] == "Main"
    assert alder.read(f"{path}/{made['id']}") == made
    assert alder.read(path)["results"] == [made]
    assert "000123456789" not in alder.get(path).text


def test_the_customer_says_whether_it_has_an_account(
    alder: Caller, customer: Json, path: str
) -> None:
    account = alder.create(path, account_body())
    assert alder.read(f"/customers/{customer['id']}")["hasBankAccount"] is True
    archived = alder.act(f"{path}/{account['id']}/archive")
    assert archived["archived"] is True
    assert alder.act(f"{path}/{account['id']}/archive") == archived
    assert alder.read(f"/customers/{customer['id']}")["hasBankAccount"] is False


def test_an_account_needs_a_billing_address(alder: Caller) -> None:
    bare = alder.customer("No address")
    response = alder.post(f"/customers/{bare['id']}/bank-accounts", account_body())
    assert messages(response, 422) == ["A customer with a bank account needs a billing address."]


@pytest.mark.parametrize(
    "number", ["12345678", "021000022", "000000000", "02100002１", "abcdefghi"]
)
def test_a_routing_number_must_be_one(alder: Caller, path: str, number: str) -> None:
    response = alder.post(path, account_body(routingNumber=number))
    assert messages(response, 400) == ["routingNumber: must be a valid routing number of 9 digits"]


def test_every_wrong_field_is_named(alder: Caller, path: str) -> None:
    assert messages(alder.post(path, {"type": "CHEQUE", "accountNumber": "12"}), 400) == [
        "accountNumber: must be 4 to 17 digits",
        "nameOnAccount: must not be blank",
        "ownerType: must not be null",
        "routingNumber: must not be blank",
        "type: must be one of CHECKING, SAVINGS",
    ]


def test_an_account_can_be_renamed_and_its_numbers_stay(alder: Caller, path: str) -> None:
    account = alder.create(path, account_body())
    changed = parsed(alder.patch(f"{path}/{account['id']}", {"nickname": "Spare"}), 200)
    assert changed["nickname"] == "Spare"
    for name in ("routingNumber", "accountNumber"):
        assert alder.patch(f"{path}/{account['id']}", {name: "021000021"}).status_code == 400


def test_nobody_sees_the_account_of_another(alder: Caller, birch: Caller, path: str) -> None:
    account = alder.create(path, account_body())
    other = alder.customer("Other", billingAddress=address())
    assert birch.get(path).status_code == 404
    assert alder.get(f"/customers/{other['id']}/bank-accounts/{account['id']}").status_code == 404
    assert alder.read(f"/customers/{other['id']}/bank-accounts")["results"] == []


def test_only_an_authorized_customer_can_be_charged(
    alder: Caller, customer: Json, path: str
) -> None:
    account_id = alder.create(path, account_body())["id"]
    assert charge(alder, customer, account_id) == 422
    assert authorize(alder, customer)["authorizedToCharge"] is True
    assert charge(alder, customer, account_id) == 201
    assert authorize(alder, customer, given=False)["authorizedToCharge"] is False
    assert charge(alder, customer, account_id) == 422


def test_an_authorization_says_yes_or_no(alder: Caller, customer: Json) -> None:
    path = f"/customers/{customer['id']}/charge-authorization"
    assert messages(alder.post(path, {}), 400) == ["authorizedToCharge: must not be null"]


def test_an_archived_account_cannot_be_charged(alder: Caller, customer: Json, path: str) -> None:
    authorize(alder, customer)
    account_id = alder.create(path, account_body())["id"]
    alder.act(f"{path}/{account_id}/archive")
    assert charge(alder, customer, account_id) == 422


def test_an_account_may_take_days_to_be_verified(
    alder: Caller, customer: Json, path: str, world: World, clock: SettableClock
) -> None:
    world.tenants[0].book.verification_delay = timedelta(days=2)
    authorize(alder, customer)
    account = alder.create(path, account_body())
    assert account["status"] == "PENDING"
    assert charge(alder, customer, account["id"]) == 422
    clock.advance(timedelta(days=2))
    alder.log_in()
    assert alder.read(f"{path}/{account['id']}")["status"] == "VERIFIED"
    assert charge(alder, customer, account["id"]) == 201
