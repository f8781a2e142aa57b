"""Every kind of fault as a caller on a real socket meets it."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import pytest

from billcom.sandbox.calls import Call
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, parsed


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Faults]:
    yield sandbox.faults
    sandbox.faults.clear()


def last(sandbox: Sandbox) -> Call:
    return list(sandbox.calls)[-1]


def body() -> dict[str, str]:
    return {"name": "Granite Peak", "email": "ap@granite.example"}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_status_comes_with_bills_error_array(
    sandbox: Sandbox, alder: Caller, faults: Faults, status: int
) -> None:
    faults.add(Fault("status", status=status, count=1))
    (error,) = parsed(alder.get("/invoices"), status)
    assert (error["code"], error["category"]) == ("BDC_1001", "SERVER")
    assert (last(sandbox).status, last(sandbox).fault) == (status, "status")
    assert alder.get("/invoices").status_code == 200
    assert last(sandbox).fault is None


@pytest.mark.parametrize("kind", ["status", "html", "empty", "gateway", "hour_limit", "reset"])
@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_the_work_is_done_only_when_the_fault_comes_after_it(
    world: World, alder: Caller, faults: Faults, kind: str, when: str, made: int
) -> None:
    faults.add(Fault(kind, when=when))
    try:
        assert not alder.post("/customers", body()).is_success
    except httpx.TransportError:
        assert kind == "reset"
    assert len(world.tenants[0].book.customers) == made


@pytest.mark.parametrize(
    ("kind", "code"), [("hour_limit", "BDC_1144"), ("concurrency_limit", "BDC_1322")]
)
def test_a_limit_can_seem_to_be_reached(
    alder: Caller, faults: Faults, kind: str, code: str
) -> None:
    faults.add(Fault(kind, count=1))
    faults.add(Fault(kind, status=429))
    assert parsed(alder.get("/invoices"), 422)[0]["code"] == code
    assert parsed(alder.get("/invoices"), 429)[0]["code"] == code


def test_an_answer_can_be_html(alder: Caller, faults: Faults) -> None:
    faults.add(Fault("html", status=502))
    response = alder.get("/invoices")
    assert (response.status_code, response.headers["content-type"][:9]) == (502, "text/html")
    assert response.text.startswith("<html>")


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_can_be_empty(alder: Caller, faults: Faults, status: int) -> None:
    faults.add(Fault("empty", status=status))
    response = alder.get("/invoices")
    assert (response.status_code, response.content) == (status, b"")


@pytest.mark.parametrize(("status", "words"), [(401, "Unauthorized"), (403, "Forbidden")])
def test_the_gateway_answers_with_a_bare_object(
    alder: Caller, faults: Faults, status: int, words: str
) -> None:
    faults.add(Fault("gateway", status=status))
    assert parsed(alder.get("/invoices"), status) == {"message": words}


def test_a_reset_is_one_on_the_wire(sandbox: Sandbox, alder: Caller, faults: Faults) -> None:
    faults.add(Fault("reset"))
    url = urlsplit(sandbox.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
        connection.sendall(b"GET /connect/v3/health HTTP/1.1\r\nhost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert (last(sandbox).status, last(sandbox).fault) == (0, "reset")


def test_a_lost_answer_leaves_its_effect(
    sandbox: Sandbox, world: World, alder: Caller, faults: Faults
) -> None:
    faults.add(Fault("lost_answer", method="POST", count=1))
    with pytest.raises(httpx.TransportError):
        alder.post("/customers", body())
    assert len(world.tenants[0].book.customers) == 1
    assert (last(sandbox).status, last(sandbox).fault) == (0, "lost_answer")
    assert alder.get("/customers").status_code == 200


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_slow_call_outlasts_a_callers_patience(
    world: World, alder: Caller, faults: Faults, when: str, made: int
) -> None:
    faults.add(Fault("slow", delay_s=5, when=when, count=1))
    with pytest.raises(httpx.ReadTimeout):
        alder.http.post("/customers", json=body(), timeout=0.2)
    assert len(world.tenants[0].book.customers) == made


def test_a_slow_call_keeps_its_place_in_flight(world: World) -> None:
    with running_sandbox(world, faults=Faults(Fault("slow", delay_s=0.1, count=1))) as sandbox:
        assert Caller(sandbox, sandbox.tenants[0]).get("/invoices").status_code == 200


def test_a_truncated_answer_lacks_its_second_half(
    sandbox: Sandbox, alder: Caller, faults: Faults
) -> None:
    alder.customer()
    faults.add(Fault("truncated"))
    with alder.http.stream("GET", "/customers") as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    assert (last(sandbox).status, last(sandbox).fault) == (200, "truncated")


def test_a_dripping_answer_comes_whole_and_slowly(alder: Caller, faults: Faults) -> None:
    plain = alder.get("/customers")
    faults.add(Fault("drip", delay_s=0.3))
    begun = time.monotonic()
    assert alder.get("/customers").content == plain.content
    assert time.monotonic() - begun >= 0.25


def test_an_expired_session_is_really_gone(sandbox: Sandbox, alder: Caller, faults: Faults) -> None:
    faults.add(Fault("expired_session", path="/v3/invoices", count=1))
    assert parsed(alder.get("/invoices"), 401)[0]["code"] == "BDC_1109"
    assert last(sandbox).fault == "expired_session"
    assert alder.get("/invoices").status_code == 401
    alder.log_in()
    assert alder.get("/invoices").status_code == 200


def test_an_error_can_come_twice(alder: Caller, faults: Faults) -> None:
    faults.add(Fault("duplicate_error"))
    first, second = parsed(alder.get("/invoices/00e02AAAAAAAAAAAAAAA"), 404)
    assert second["message"] == f"00e02AAAAAAAAAAAAAAA : {first['message']}"
    assert alder.get("/invoices").status_code == 200


@pytest.mark.parametrize("seconds", [-3600, 90])
def test_the_date_header_can_be_off(
    alder: Caller, clock: SettableClock, faults: Faults, seconds: int
) -> None:
    faults.add(Fault("clock_skew", delay_s=seconds))
    date = parsedate_to_datetime(alder.get("/invoices").headers["date"])
    assert date == clock().replace(microsecond=0) + timedelta(seconds=seconds)


def test_records_can_have_a_field_nobody_knows(alder: Caller, faults: Faults) -> None:
    customer = alder.customer()
    faults.add(Fault("unknown_field"))
    (listed,) = alder.read("/customers")["results"]
    shown = alder.read(f"/customers/{customer['id']}")
    assert set(shown) - set(customer) == set(listed) - set(customer) == {"sandboxNovelty"}


def test_a_status_can_be_one_nobody_knows(alder: Caller, faults: Faults) -> None:
    invoice = alder.invoice(alder.customer()["id"], 80.10)
    faults.add(Fault("unknown_enum"))
    shown = alder.read(f"/invoices/{invoice['id']}")
    assert shown == {**invoice, "status": "NEVER_HEARD_OF"}


def test_two_mild_faults_fall_on_one_call(sandbox: Sandbox, alder: Caller, faults: Faults) -> None:
    faults.add(Fault("unknown_field"))
    faults.add(Fault("clock_skew", delay_s=60))
    assert "sandboxNovelty" in alder.customer()
    assert last(sandbox).fault == "unknown_field+clock_skew"
