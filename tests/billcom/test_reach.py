"""The way to BILL, on real connections."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billcom.environment import resolve
from billcom.errors import UnreachableError, UntrustedHostError
from billcom.reach import goes_through_proxy, reach
from tests.billcom.secured import certificate_for, serving_tls


def test_a_host_is_found_with_the_end_of_its_certificate(tmp_path: Path) -> None:
    ends = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    certificate = certificate_for("localhost", tmp_path, ends)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving_tls(certificate) as base_url:
        way = reach(resolve("sandbox", base_url), context=trusting)
    assert way.certificate_until == ends
    assert set(way.addresses) <= {"127.0.0.1", "::1"}


def test_a_host_with_a_certificate_of_its_own_making_is_not_trusted(tmp_path: Path) -> None:
    certificate = certificate_for("localhost", tmp_path, datetime.now(UTC) + timedelta(days=30))
    with (
        serving_tls(certificate) as base_url,
        pytest.raises(UntrustedHostError, match="self-signed"),
    ):
        reach(resolve("sandbox", base_url))


def test_a_certificate_that_ran_out_is_not_trusted(tmp_path: Path) -> None:
    certificate = certificate_for("localhost", tmp_path, datetime.now(UTC) - timedelta(days=1))
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving_tls(certificate) as base_url, pytest.raises(UntrustedHostError, match="expired"):
        reach(resolve("sandbox", base_url), context=trusting)


def test_a_certificate_of_another_host_is_not_trusted(tmp_path: Path) -> None:
    until = datetime.now(UTC) + timedelta(days=30)
    certificate = certificate_for("elsewhere.example", tmp_path, until)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving_tls(certificate) as base_url, pytest.raises(UntrustedHostError, match="localhost"):
        reach(resolve("sandbox", base_url), context=trusting)


def test_what_takes_no_connection_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="refused"):
        reach(resolve("sandbox", "https://127.0.0.1:9/connect"))


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="No name server"):
        reach(resolve("sandbox", "https://bill.invalid/connect"))


def test_a_proxy_is_noticed_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
    monkeypatch.setenv("no_proxy", "")
    assert goes_through_proxy(resolve("sandbox"))
    assert not goes_through_proxy(resolve("sandbox", "https://127.0.0.1/connect"))
    monkeypatch.setenv("no_proxy", "bill.com")
    assert not goes_through_proxy(resolve("sandbox"))
