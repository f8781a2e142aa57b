import pytest

from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json


@pytest.fixture
def customer(alder: Caller) -> Json:
    return alder.customer()


def link_body(customer: Json) -> Json:
    return {"customerId": customer["id"], "email": "ap@granite.example", "returnUrl": "https://x"}


def test_an_invoice_has_a_payment_link_for_its_customer(alder: Caller, customer: Json) -> None:
    path = f"/invoices/{alder.invoice(customer['id'], 5)['id']}/payment-link"
    link = alder.act(path, link_body(customer))
    assert link["paymentLink"].startswith("https://")
    assert alder.post(path, {"customerId": customer["id"]}).status_code == 400
    assert alder.post(path, link_body(alder.customer("Other"))).status_code == 422
    assert alder.post("/invoices/00e/payment-link", link_body(customer)).status_code == 404


def test_a_connected_customer_needs_no_link(alder: Caller, customer: Json, world: World) -> None:
    invitation = f"/network/invitation/customer/{customer['id']}"
    path = f"/invoices/{alder.invoice(customer['id'], 5)['id']}/payment-link"
    assert alder.read(invitation)["status"] == "NOT_CONNECTED"
    response = alder.post(invitation, {"networkId": "0rv02", "networkType": "BILL"})
    assert (response.status_code, response.content) == (200, b"")
    assert alder.read(invitation)["networkId"] == "0rv02"
    assert alder.post(path, link_body(customer)).status_code == 200
    world.tenants[0].book.connect_customer(customer["id"])
    assert alder.read(invitation)["status"] == "CONNECTED"
    assert alder.post(path, link_body(customer)).status_code == 422
    assert alder.http.delete(invitation).status_code == 200
    assert alder.http.delete(invitation).status_code == 422
    assert alder.post(path, link_body(customer)).status_code == 200
