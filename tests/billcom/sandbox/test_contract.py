"""The documented shape of every covered endpoint, where the catalogue of endpoints is at hand."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from billcom.sandbox.server import Sandbox
from billcom.sandbox.wire import decode
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, address, login_body, recorded

CATALOGUE = Path(__file__).parents[4] / "shared" / "bill-api" / "endpoints.json"
MISSING = "the catalogue of BILL's endpoints is not part of this repository"

# Fields that came after the catalogue was taken down.
LATER = {
    "hasBankAccount": "boolean",
    "authorizedToCharge": "boolean",
    "recordStatus": "string",
    "paymentTermId": "string",
    "createdBy": "string",
    "amount": "number",
    "taxable": "boolean",
}


class Prepared:
    """A tenant with one of everything, and a request for each covered endpoint."""

    def __init__(self, caller: Caller, world: World) -> None:
        book = world.tenants[0].book
        book.tax_rates["0ii02AAAAAAAAAAAAAAA"] = Decimal("8.25")
        self.caller = caller
        self.customer = caller.customer(billingAddress=address(), phone="208-555-0142")
        book.add_bank_account(self.customer["id"])
        self.memo = caller.create("/credit-memos", self.memo_body())
        self.invoice = caller.create("/invoices", {**self.invoice_body(), "creditAmount": 5})
        self.payment = caller.pay(50, (self.invoice["id"], 50))

    def invoice_body(self) -> Json:
        line = {"quantity": 2, "price": 49.5, "description": "Map set", "taxable": True}
        return {
            "customer": {"id": self.customer["id"]},
            "invoiceLineItems": [line],
            "salesTaxItemId": "0ii02AAAAAAAAAAAAAAA",
            "enableCardPayment": True,
            "convenienceFee": {"percentage": 2.9},
        }

    def memo_body(self) -> Json:
        return {
            "customerId": self.customer["id"],
            "referenceNumber": "CM-1",
            "creditDate": "2026-09-01",
            "creditMemoLineItems": [
                {"price": 50, "quantity": 1, "description": "x"},
                {"ratePercent": -10},
            ],
        }

    def send(self, method: str, path: str) -> httpx.Response:
        ids = {
            ":customerId": self.customer["id"],
            ":invoiceId": self.invoice["id"],
            ":receivedPaymentId": self.payment["id"],
            ":creditMemoId": self.memo["id"],
        }
        body = BODIES[method, path](self)
        real = re.sub(r":\w+", lambda found: ids[found.group()], path.removeprefix("/v3"))
        return self.caller.http.request(method, real, json=body)


def _changed_invoice(prepared: Prepared) -> Json:
    return {"dueDate": "2026-12-01"} | {
        "invoiceLineItems": [{"id": prepared.invoice["invoiceLineItems"][0]["id"], "quantity": 3}]
    }


BODIES: dict[tuple[str, str], Callable[[Prepared], Json]] = {
    ("POST", "/v3/login"): lambda p: login_body(p.caller.tenant),
    ("GET", "/v3/login/session"): lambda _: None,
    ("POST", "/v3/logout"): lambda _: None,
    ("GET", "/v3/health"): lambda _: None,
    ("GET", "/v3/customers"): lambda _: None,
    ("POST", "/v3/customers"): lambda _: {"name": "New", "email": "a@x.example"},
    ("GET", "/v3/customers/:customerId"): lambda _: None,
    ("PATCH", "/v3/customers/:customerId"): lambda _: {"accountType": "PERSON"},
    ("POST", "/v3/customers/:customerId/archive"): lambda _: None,
    ("POST", "/v3/customers/:customerId/restore"): lambda _: None,
    ("GET", "/v3/invoices"): lambda _: None,
    ("POST", "/v3/invoices"): lambda p: p.invoice_body(),
    ("POST", "/v3/invoices/record-payment"): lambda p: recorded(3, (p.invoice["id"], 2)),
    ("GET", "/v3/invoices/:invoiceId"): lambda _: None,
    ("PUT", "/v3/invoices/:invoiceId"): lambda p: p.invoice_body(),
    ("PATCH", "/v3/invoices/:invoiceId"): _changed_invoice,
    ("POST", "/v3/invoices/:invoiceId/archive"): lambda _: None,
    ("POST", "/v3/invoices/:invoiceId/restore"): lambda _: None,
    ("POST", "/v3/invoices/:invoiceId/email"): lambda _: {"recipient": {"to": ["a@x.example"]}},
    ("GET", "/v3/receivable-payments"): lambda _: None,
    ("GET", "/v3/receivable-payments/:receivedPaymentId"): lambda _: None,
    ("GET", "/v3/credit-memos"): lambda _: None,
    ("POST", "/v3/credit-memos"): lambda p: p.memo_body(),
    ("GET", "/v3/credit-memos/:creditMemoId"): lambda _: None,
    ("PUT", "/v3/credit-memos/:creditMemoId"): lambda p: p.memo_body(),
    ("PATCH", "/v3/credit-memos/:creditMemoId"): lambda _: {"description": "d"},
    ("POST", "/v3/credit-memos/:creditMemoId/archive"): lambda _: None,
    ("POST", "/v3/credit-memos/:creditMemoId/restore"): lambda _: None,
}

FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"),
}


def strays(value: Json, shape: Json, path: str) -> Iterator[str]:
    """Where `value` has a key or a type that `shape` does not."""
    if isinstance(shape, dict):
        for name, inner in value.items():
            documented = shape.get(name, LATER.get(name))
            if documented is None:
                yield f"{path}.{name}"
            else:
                yield from strays(inner, documented, f"{path}.{name}")
    elif isinstance(shape, list):
        for inner in value:
            yield from strays(inner, shape[0], f"{path}[]")
    elif not fits(value, shape):
        yield f"{path} = {value!r}"


def fits(value: Json, shape: str) -> bool:
    if shape == "boolean":
        return isinstance(value, bool)
    if shape == "number":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    form = FORMS.get(shape)
    return isinstance(value, str) and (form is None or bool(form.fullmatch(value)))


@pytest.fixture
def prepared(sandbox: Sandbox, alder: Caller, world: World) -> Prepared:
    return Prepared(alder, world)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason=MISSING)
@pytest.mark.parametrize(("method", "path"), BODIES)
def test_an_endpoint_answers_in_its_documented_shape(
    prepared: Prepared, method: str, path: str
) -> None:
    endpoints = json.loads(CATALOGUE.read_text(encoding="utf-8"))["endpoints"]
    (documented,) = (e for e in endpoints if (e["method"], e["path"]) == (method, path))
    ((status, shape),) = documented["responses"].items()
    response = prepared.send(method, path)
    assert response.status_code == int(status), response.text
    if shape == "null":
        assert response.content == b""
    else:
        assert list(strays(decode(response.content), shape, "")) == []
