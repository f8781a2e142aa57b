"""A provider of rates over real HTTP on this machine, well and unwell."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from billcom.sandbox.server import Sandbox
from etl.back_office import BackOffice
from etl.errors import RatesError, TieoutError, UsageError
from etl.exchange.provider import Patience, ask_provider, checked_address
from etl.jobs.fetch_rates import fetch_daily, fetch_rates
from etl.store import alerts, rates
from etl.store.models import AuditEntry
from etl.store.tenants import find_tenant, prefer
from tests.etl.conftest import NOW, connected

TODAY = NOW.date()
SINCE = TODAY - timedelta(days=30)
QUICK = Patience(connect_s=1, read_s=0.3, whole_s=0.5)
GOOD = b'{"base":"USD","date":"2026-11-20","rates":{"CAD":1.41,"JPY":155.2}}'

Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def provider(answer: Answering) -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, its address, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def with_body(body: bytes, status: int = 200) -> Answering:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        to.send_header("content-length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answer


def late(to: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def dripping(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.end_headers()
    try:
        for _ in range(20):
            to.wfile.write(b" ")
            time.sleep(0.1)
    except OSError:
        pass


def huge(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.end_headers()
    try:
        for _ in range(60):
            to.wfile.write(b" " * 100_000)
    except OSError:
        pass


def cut_off(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.send_header("content-length", "1000")
    to.end_headers()
    to.wfile.write(b'{"base":')


def moved(to: BaseHTTPRequestHandler) -> None:
    to.send_response(302)
    to.send_header("location", "http://169.254.169.254/")
    to.end_headers()


def test_the_days_asked_for_stand_in_the_address() -> None:
    with provider(with_body(GOOD)) as (address, asked):
        found = ask_provider(f"{address}/{{from}}..{{to}}?base=USD", since=SINCE, today=TODAY)
    assert asked == ["/2026-10-24..2026-11-23?base=USD"]
    assert [(r.currency, r.quote, r.rate_on, r.rate, r.source) for r in found] == [
        ("USD", "CAD", date(2026, 11, 20), Decimal("1.41"), "127.0.0.1"),
        ("USD", "JPY", date(2026, 11, 20), Decimal("155.2"), "127.0.0.1"),
    ]


def test_csv_is_understood_as_well() -> None:
    body = b"\xef\xbb\xbfcurrency,quote,on,rate\r\nCAD,USD,2026-11-20,0.71\r\n"
    with provider(with_body(body)) as (address, _asked):
        (found,) = ask_provider(address, since=SINCE, today=TODAY)
    assert (found.currency, found.rate) == ("CAD", Decimal("0.71"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (late, "127.0.0.1 did not answer in time"),
        (dripping, "127.0.0.1 did not answer in time"),
        (huge, "127.0.0.1 sent more than 5 MB"),
        (cut_off, "127.0.0.1 gave no whole answer"),
        (moved, "127.0.0.1 points elsewhere (302)"),
        (with_body(b"oops", 500), "127.0.0.1 answered with status 500"),
        (with_body(b"who?", 401), "127.0.0.1 refused (401): check the key"),
        (with_body(b"<html>hello</html>"), "The first line must name the columns"),
        (with_body(b"{broken"), "The provider's answer cannot be used, as it is no JSON"),
        (with_body(b""), "The first line must name the columns"),
        (with_body(b"\xff\xfe\x00"), "The first line must name the columns"),
    ],
)
def test_a_provider_that_is_unwell_is_told_in_one_sentence(answer: Answering, said: str) -> None:
    with provider(answer) as (address, _asked):
        url = f"{address.replace('//', '//key:hush@')}/rates?app_id=hush"
        with pytest.raises(RatesError) as told:
            ask_provider(url, since=SINCE, today=TODAY, patience=QUICK)
    assert str(told.value).startswith(said)
    assert "hush" not in str(told.value)


def test_nobody_there_is_told_without_the_key() -> None:
    url = "http://127.0.0.1:9/rates?app_id=hush"
    with pytest.raises(RatesError) as told:
        ask_provider(url, since=SINCE, today=TODAY, patience=QUICK)
    assert str(told.value).startswith("127.0.0.1 gave no whole answer (ConnectError)")


@pytest.mark.parametrize(
    "url",
    ["http://rates.example/", "ftp://rates.example/", "rates.example", "https://", "http://["],
)
def test_only_https_or_this_machine_is_asked(url: str) -> None:
    with pytest.raises(UsageError):
        checked_address(url)


def prefer_provider(office: BackOffice, url: str) -> None:
    with office.store.begin() as session:
        sealed = {"rates_url": office.box.seal(url)}
        prefer(session, "cascade", sealed, at=office.clock(), actor="test")


def open_kinds(office: BackOffice) -> dict[str, str]:
    with office.store.read() as session:
        return {alert.kind: alert.sentence for alert in alerts.open_alerts(session)}


def test_a_tenants_provider_is_asked_every_day_and_trouble_is_an_alert_until_it_is_over(
    office: BackOffice, seeded: Sandbox
) -> None:
    office = replace(office, clock=lambda: NOW)
    connected(office, seeded)
    fetch_daily(office)  # nobody has a provider: nothing is asked and nothing is wrong
    assert open_kinds(office) == {}
    with provider(with_body(GOOD)) as (address, asked):
        prefer_provider(office, f"{address}/{{from}}")
        fetch_daily(office)
        fetch_daily(office)
    assert asked == ["/2024-11-23", "/2026-11-13"]  # two years, then what is new and a week
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
        assert len(rates.current_rates(session, tenant.id)) == 2
    fetch_daily(office)
    assert open_kinds(office).keys() == {"rates_fetch_failed"}
    much_later = replace(office, clock=lambda: NOW + timedelta(days=3))
    fetch_daily(much_later)
    assert open_kinds(office).keys() == {"rates_fetch_failed", "rates_old"}
    fresh = GOOD.replace(b"2026-11-20", b"2026-11-25")
    with provider(with_body(fresh)) as (address, _asked):
        prefer_provider(office, address)
        fetch_daily(much_later)
    assert open_kinds(office) == {}


def test_a_providers_key_is_kept_sealed_and_audited_nowhere(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    prefer_provider(office, "https://rates.example/?app_id=hush")
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
        trail = [entry.detail for entry in session.query(AuditEntry)]
    assert "hush" not in str(tenant.preferences) + str(trail)
    assert "rates_url" in str(trail)


def test_a_tenant_without_a_provider_is_told_how_to_give_one(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    with pytest.raises(TieoutError, match="give one with --url"):
        fetch_rates(office, "cascade", actor="test")
