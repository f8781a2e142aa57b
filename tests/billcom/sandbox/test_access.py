from datetime import timedelta

import httpx
import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox
from tests.billcom.sandbox.caller import Caller, login_body, messages, parsed


def test_a_login_tells_the_session_the_organization_and_the_user(sandbox: Sandbox) -> None:
    tenant = sandbox.tenants[0]
    body = parsed(httpx.post(f"{sandbox.base_url}/v3/login", json=login_body(tenant)), 200)
    assert set(body) == {"sessionId", "organizationId", "userId", "trusted"}
    assert body["organizationId"] == tenant.organization_id
    assert body["trusted"] is False


def test_the_session_says_whose_it_is(alder: Caller) -> None:
    body = alder.read("/login/session")
    assert body["organizationId"] == alder.tenant.organization_id
    assert body["mfaStatus"] == "DISABLED"
    assert body["mfaBypass"] is False


@pytest.mark.parametrize("field", ["username", "password", "organizationId"])
def test_a_login_with_a_wrong_part_is_refused_without_saying_which(
    sandbox: Sandbox, field: str
) -> None:
    body = {**login_body(sandbox.tenants[0]), field: "wrong"}
    (error,) = parsed(httpx.post(f"{sandbox.base_url}/v3/login", json=body), 401)
    assert error["code"] == "BDC_1101"
    assert error["message"] == "User name and/or password do not match our records."


def test_a_login_with_an_unknown_developer_key_is_refused(sandbox: Sandbox) -> None:
    body = {**login_body(sandbox.tenants[0]), "devKey": "wrong"}
    (error,) = parsed(httpx.post(f"{sandbox.base_url}/v3/login", json=body), 401)
    assert (error["code"], error["category"]) == ("BDC_1102", "DOWNSTREAM")


def test_a_login_with_another_tenants_developer_key_is_refused(sandbox: Sandbox) -> None:
    body = {**login_body(sandbox.tenants[0]), "devKey": sandbox.tenants[1].developer_key}
    (error,) = parsed(httpx.post(f"{sandbox.base_url}/v3/login", json=body), 401)
    assert error["code"] == "BDC_1101"


def test_a_login_with_missing_fields_names_each_of_them(sandbox: Sandbox) -> None:
    response = httpx.post(f"{sandbox.base_url}/v3/login", json={"username": "x"})
    assert messages(response, 400) == [
        "devKey: must not be blank",
        "organizationId: must not be blank",
        "password: must not be blank",
    ]


def test_without_a_session_every_record_is_closed(sandbox: Sandbox) -> None:
    for headers in ({}, {"devKey": sandbox.tenants[0].developer_key}, {"sessionId": "made-up"}):
        response = httpx.get(f"{sandbox.base_url}/v3/invoices", headers=headers)
        (error,) = parsed(response, 401)
        assert error["code"] == "BDC_1109"
        assert error["message"] == "Session is invalid.  Please log in."


def test_a_session_works_only_with_the_developer_key_that_made_it(
    alder: Caller, birch: Caller
) -> None:
    headers = {"devKey": birch.tenant.developer_key}
    assert alder.http.get("/invoices", headers=headers).status_code == 401
    assert alder.get("/invoices").status_code == 200


def test_a_session_ends_after_35_idle_minutes(alder: Caller, clock: SettableClock) -> None:
    clock.advance(timedelta(minutes=34, seconds=59))
    assert alder.get("/login/session").status_code == 200
    clock.advance(timedelta(minutes=35))
    assert alder.get("/login/session").status_code == 401


def test_each_call_gives_the_session_another_35_minutes(
    alder: Caller, clock: SettableClock
) -> None:
    for _ in range(4):
        clock.advance(timedelta(minutes=30))
        # A call that fails counts too, as long as the session is good.
        assert alder.get("/invoices/nothing-here").status_code == 404
    assert alder.get("/login/session").status_code == 200


def test_logging_out_answers_with_nothing_and_ends_the_session(alder: Caller) -> None:
    response = alder.post("/logout")
    assert (response.status_code, response.content) == (200, b"")
    assert alder.get("/login/session").status_code == 401


def test_a_new_login_leaves_older_sessions_alive(alder: Caller) -> None:
    older = alder.http.headers["sessionId"]
    alder.log_in()
    assert alder.http.get("/login/session", headers={"sessionId": older}).status_code == 200


def test_health_needs_no_session(sandbox: Sandbox) -> None:
    body = parsed(httpx.get(f"{sandbox.base_url}/v3/health"), 200)
    assert set(body) == {"appId", "appEnv", "appVersion", "bdcRegion"}


def test_one_tenant_sees_nothing_of_the_other(alder: Caller, birch: Caller) -> None:
    customer = alder.customer()
    invoice = alder.invoice(customer["id"], 100)
    assert birch.read("/invoices")["results"] == []
    assert birch.get(f"/invoices/{invoice['id']}").status_code == 404
    assert birch.patch(f"/customers/{customer['id']}", {"name": "Mine"}).status_code == 404
    assert birch.post(f"/invoices/{invoice['id']}/archive").status_code == 404
    response = birch.post(
        "/invoices",
        {"customer": {"id": customer["id"]}, "invoiceLineItems": [{"price": 1, "quantity": 1}]},
    )
    assert response.status_code == 422
