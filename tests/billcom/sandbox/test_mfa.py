from datetime import timedelta

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, address, login_body, parsed

PHONE = {"phone": "+1 208-555-0142", "type": "TEXT", "primary": True}


def set_up(caller: Caller) -> None:
    setup_id = caller.act("/mfa/setup", PHONE)["setupId"]
    body = {"setupId": setup_id, "type": "TEXT", "token": "123456"}
    assert caller.act("/mfa/setup/validate", body) == {"status": "SUCCESS"}


def remembered(caller: Caller) -> str:
    challenge_id = caller.act("/mfa/challenge", {"useBackup": False})["challengeId"]
    body = {"challengeId": challenge_id, "token": "654321", "device": "desk", "rememberMe": True}
    return str(caller.act("/mfa/challenge/validate", body)["rememberMeId"])


def test_a_phone_is_set_up_and_shown_by_its_end(alder: Caller, birch: Caller) -> None:
    assert alder.read("/mfa/phones") == {"results": []}
    set_up(alder)
    shown = {"type": "MOBILE", "last4digits": "0142", "primary": True}
    assert alder.read("/mfa/phones") == {"results": [shown]}
    assert birch.read("/mfa/phones") == {"results": []}


@pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "１２３４５６"])
def test_a_wrong_code_is_refused(alder: Caller, code: str) -> None:
    setup_id = alder.act("/mfa/setup", PHONE)["setupId"]
    body = {"setupId": setup_id, "type": "TEXT", "token": code}
    (error,) = parsed(alder.post("/mfa/setup/validate", body), 422)
    assert error["code"] == "BDC_1356"


def test_a_setup_or_a_challenge_of_another_is_no_good(alder: Caller, birch: Caller) -> None:
    setup_id = alder.act("/mfa/setup", PHONE)["setupId"]
    body = {"setupId": setup_id, "type": "TEXT", "token": "123456"}
    assert birch.post("/mfa/setup/validate", body).status_code == 422
    assert alder.post("/mfa/challenge", {"useBackup": False}).status_code == 422


def test_a_remembered_device_makes_a_session_trusted_for_thirty_days(
    alder: Caller, clock: SettableClock
) -> None:
    set_up(alder)
    step = {"rememberMeId": remembered(alder), "device": "desk"}
    assert alder.act("/mfa/step-up", step) == {"trusted": True}
    assert alder.post("/mfa/step-up", {**step, "device": "other"}).status_code == 422
    body = {**login_body(alder.tenant), **step}
    assert parsed(alder.post("/login", body), 200)["trusted"] is True
    assert parsed(alder.post("/login", login_body(alder.tenant)), 200)["trusted"] is False
    clock.advance(timedelta(days=30))
    assert parsed(alder.post("/login", body), 200)["trusted"] is False


def test_a_setup_names_what_is_wrong(alder: Caller) -> None:
    for wrong in ({"phone": "12"}, {"type": "CALL"}, {"primary": False}):
        assert alder.post("/mfa/setup", {**PHONE, **wrong}).status_code == 400


@pytest.fixture
def by_token(alder: Caller) -> Caller:
    token = alder.tenant
    body = {
        **login_body(token),
        "username": token.sync_token_name,
        "password": token.sync_token_value,
    }
    session = parsed(alder.post("/login", body), 200)
    alder.http.headers["sessionId"] = session["sessionId"]
    return alder


def test_a_session_by_sync_token_lives_for_two_days(by_token: Caller, clock: SettableClock) -> None:
    clock.advance(timedelta(hours=47, minutes=59))
    assert by_token.get("/customers").status_code == 200
    clock.advance(timedelta(hours=48))
    assert by_token.get("/customers").status_code == 401


def test_a_sync_token_may_write_but_neither_charge_nor_show_a_second_factor(
    by_token: Caller, world: World
) -> None:
    customer = by_token.customer(billingAddress=address())
    invoice = by_token.invoice(customer["id"], 10)
    account_id = world.tenants[0].book.add_bank_account(customer["id"])
    charge: Json = {
        "customerId": customer["id"],
        "fundingAccount": {"id": account_id, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": invoice["id"], "amount": 10}],
    }
    for response in (
        by_token.post("/receivable-payments", charge),
        by_token.post("/mfa/setup", PHONE),
        by_token.get("/mfa/phones"),
    ):
        (error,) = parsed(response, 403)
        assert error["code"] == "BDC_1361"
    by_token.log_in()
    assert by_token.post("/receivable-payments", charge).status_code == 201


def test_a_sync_token_is_good_for_its_own_organization(alder: Caller, birch: Caller) -> None:
    foreign = {
        **login_body(alder.tenant),
        "username": birch.tenant.sync_token_name,
        "password": birch.tenant.sync_token_value,
    }
    assert alder.post("/login", foreign).status_code == 401
