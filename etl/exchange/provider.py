"""Asking a provider of exchange rates, by an address that may hold {from} and {to}.

The address may hold a key or a password: only its host is ever shown.
"""

import time
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from etl.errors import RatesError, UsageError
from etl.exchange.csv_rates import read_csv
from etl.exchange.json_rates import read_json
from etl.exchange.rate import Rate

__all__ = ["USUAL", "Patience", "ask_provider", "checked_address", "host_of"]

LARGEST_ANSWER_BYTES = 5 * 1024 * 1024
LONGEST_ADDRESS = 2000
# Not compressed: what a small answer unpacks to would be known too late.
HEADERS = {"accept": "application/json, text/csv", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for a connection, for the next bytes, for the whole."""

    connect_s: float = 10.0
    read_s: float = 15.0
    whole_s: float = 45.0


USUAL = Patience()


def checked_address(url: str) -> str:
    """The address, if it is HTTPS or on this machine; otherwise UsageError, without showing it."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or len(url) > LONGEST_ADDRESS:
        raise UsageError("A provider of rates is given as https://host/path, with {from} and {to}.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(f"Plain HTTP to {host} could be changed on its way: use https.")
    return url


def host_of(url: str) -> str:
    """What may be shown of a provider's address."""
    return urlsplit(url).hostname or ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def ask_provider(url: str, *, since: date, today: date, patience: Patience = USUAL) -> list[Rate]:
    """The provider's rates from `since` to `today`, or what it has if its address names no days.

    JSON and CSV are told apart by how the answer begins. RatesError with a sentence where there is
    no answer that can be used.
    """
    host = host_of(checked_address(url))
    address = url.replace("{from}", since.isoformat()).replace("{to}", today.isoformat())
    text = _read(address, host, patience)
    read = read_json if text.lstrip()[:1] in {"{", "["} else read_csv
    # Where the provider is, the next day may have begun.
    return read(text, source=host, latest=today + timedelta(days=1))


def _read(address: str, host: str, patience: Patience) -> str:
    timeout = httpx.Timeout(patience.read_s, connect=patience.connect_s)
    try:
        # A proxy of the environment would get what goes to this machine in the clear.
        with (
            httpx.Client(timeout=timeout, trust_env=not _is_loopback(host)) as http,
            http.stream("GET", address, headers=HEADERS) as answer,
        ):
            _refuse_status(answer.status_code, host)
            body = _body(answer, host, patience.whole_s)
    except httpx.TimeoutException:
        raise RatesError(f"{host} did not answer in time: try again later.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        kind = type(error).__name__  # its text may hold the address
        raise RatesError(
            f"{host} gave no whole answer ({kind}): check the address and the network."
        ) from None
    return body.decode("utf-8-sig", errors="replace")


def _refuse_status(status: int, host: str) -> None:
    if status in {401, 403}:
        raise RatesError(f"{host} refused ({status}): check the key in the address.")
    if 300 <= status < 400:
        raise RatesError(f"{host} points elsewhere ({status}): give the address it leads to.")
    if status != 200:
        raise RatesError(f"{host} answered with status {status}: try again later, or look there.")


def _body(answer: httpx.Response, host: str, whole_s: float) -> bytes:
    ends = time.monotonic() + whole_s  # httpx limits the wait for each piece, not for all
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER_BYTES:
            raise RatesError(f"{host} sent more than 5 MB: ask it for fewer days or currencies.")
        if time.monotonic() > ends:
            raise RatesError(f"{host} did not answer in time: try again later.")
    return b"".join(pieces)
