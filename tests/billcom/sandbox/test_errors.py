from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox
from tests.billcom.sandbox.caller import Caller, messages, parsed


def test_validation_errors_come_one_a_field_in_bills_shape(alder: Caller) -> None:
    errors = parsed(alder.post("/customers", {"companyName": "Nameless"}), 400)
    assert errors == [
        {
            "timestamp": "2026-09-18T20:30:15.250+00:00",
            "code": None,
            "severity": "ERROR",
            "category": "REQUEST",
            "message": message,
            "params": {},
        }
        for message in ("email: must not be blank", "name: must not be blank")
    ]


def test_an_unknown_id_is_404_without_a_code(alder: Caller) -> None:
    for resource in ("customers", "invoices", "receivable-payments", "credit-memos"):
        (error,) = parsed(alder.get(f"/{resource}/00e02AAAAAAAAAAAAAAA"), 404)
        assert (error["code"], error["category"]) == (None, "REQUEST")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/nothing"),
        ("GET", "/v3/invoices/x/y"),
        ("DELETE", "/v3/invoices/x"),
        ("PUT", "/v3/customers/x"),
        ("GET", "/elsewhere"),
        ("GET", "/v3/invoices/"),
    ],
)
def test_a_wrong_path_or_method_is_not_supported(sandbox: Sandbox, method: str, path: str) -> None:
    (error,) = parsed(httpx.request(method, sandbox.base_url + path), 404)
    assert (error["code"], error["message"]) == ("BDC_1121", "API not supported.")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"name": NaN}'])
def test_a_body_that_is_not_json_is_a_bad_request(alder: Caller, body: bytes) -> None:
    assert messages(alder.http.post("/customers", content=body), 400) == ["body: JSON parse error"]


@pytest.mark.parametrize("body", [[], "text", 3, True])
def test_a_body_that_is_no_object_is_a_bad_request(alder: Caller, body: object) -> None:
    response = alder.http.post("/customers", json=body)
    assert "body: must be an object" in messages(response, 400)


def test_the_date_header_follows_the_sandboxs_clock(alder: Caller, clock: SettableClock) -> None:
    clock.advance(timedelta(minutes=5))
    date = parsedate_to_datetime(alder.get("/login/session").headers["date"])
    assert date == clock().replace(microsecond=0)


def test_a_mistake_of_the_sandbox_itself_answers_like_a_fault_of_bill(
    sandbox: Sandbox, alder: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_book: Book, _body: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("billcom.sandbox.customers.create", broken)
    (error,) = parsed(alder.post("/customers", {"name": "n", "email": "e@x.example"}), 500)
    assert error["code"] == "BDC_1001"


def test_the_log_of_calls_tells_method_path_status_and_tenant(
    sandbox: Sandbox, alder: Caller
) -> None:
    alder.get("/invoices", max=7)
    alder.get("/invoices/none")
    first, second = list(sandbox.calls)[-2:]
    assert (first.method, first.path, first.query) == ("GET", "/connect/v3/invoices", "max=7")
    assert (first.status, second.status) == (200, 404)
    assert first.organization_id == alder.tenant.organization_id
    assert sandbox.calls.total == len(sandbox.calls) == 3
