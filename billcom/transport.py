"""The one place that touches the network: a request out, an answer or a typed failure back."""

import time
from dataclasses import dataclass

import httpx

from billcom.environment import Environment
from billcom.errors import (
    AnswerLostError,
    BillError,
    CallFacts,
    NetworkError,
    OutcomeUnknownError,
    ProtocolError,
    UnreachableError,
    UntrustedHostError,
)
from billcom.protocol import Answer, Request, encode
from billcom.retry import MAX_ATTEMPTS

__all__ = ["Patience", "Transport"]

LARGEST_ANSWER_BYTES = 64 * 1024 * 1024  # a hundred invoices with a thousand lines each
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for a connection, for the next bytes, for the whole.

    And how many times a call is tried.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    whole_s: float = 60.0
    tries: int = MAX_ATTEMPTS


class _TooLongError(httpx.TimeoutException):
    """The answer trickles in for longer than anybody waits."""


class Transport:
    """Connections to one environment; safe to share between threads."""

    def __init__(self, environment: Environment, patience: Patience) -> None:
        self._environment = environment
        self._whole_s = patience.whole_s
        self._http = httpx.Client(
            timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s),
            follow_redirects=False,
            # A proxy of the environment would get what goes to this machine in the clear.
            trust_env=not environment.is_loopback,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def transmit(self, request: Request, headers: dict[str, str]) -> Answer:
        """BILL's answer, read to its end. Raises a BillError where none came whole."""
        facts = CallFacts(request.method, request.path)
        address = self._environment.address_of(request.host)
        try:
            return self._exchange(request, address, headers)
        except NOT_SENT as error:
            raise _not_sent(address, facts, error) from None
        except httpx.InvalidURL:
            raise ProtocolError("A record's id does not fit in an address.", facts) from None
        except httpx.HTTPError as error:
            raise _lost(request, facts, error) from None

    def _exchange(self, request: Request, address: str, headers: dict[str, str]) -> Answer:
        content = encode(request.body)
        sent = {"accept": "application/json", **request.headers, **headers}
        if content is not None:
            is_raw = isinstance(request.body, bytes)
            sent["content-type"] = "application/octet-stream" if is_raw else "application/json"
        with self._http.stream(
            request.method,
            address + request.path,
            params=request.params or None,  # an empty mapping would cost a second parsing
            content=content,
            headers=sent,
        ) as response:
            body = self._read(response)
        text = body.decode(response.encoding or "utf-8", errors="replace")
        return Answer(response.status_code, response.headers, text, len(body))

    def _read(self, response: httpx.Response) -> bytes:
        # httpx limits the wait for each piece, not for all of them.
        ends = time.monotonic() + self._whole_s
        pieces, size = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER_BYTES:
                raise httpx.DecodingError("larger than any answer of BILL")
            if time.monotonic() > ends:
                raise _TooLongError("trickles")
        return b"".join(pieces)


def _not_sent(address: str, facts: CallFacts, error: httpx.HTTPError) -> NetworkError:
    if "certificate" in str(error).lower() or "ssl" in str(error).lower():
        return UntrustedHostError(
            f"{address} does not prove that it is BILL ({_reason(error)}): check the address, "
            "this machine's clock, and what inspects its traffic. Nothing was sent.",
            facts,
        )
    return UnreachableError(
        f"BILL at {address} cannot be reached ({_reason(error)}): check the address and the "
        "network. Nothing was sent.",
        facts,
    )


def _lost(request: Request, facts: CallFacts, error: httpx.HTTPError) -> BillError:
    """The error of an answer that never came whole."""
    if request.may_repeat:
        return AnswerLostError(
            f"BILL did not finish its answer to {request.path} ({_reason(error)}).", facts
        )
    return OutcomeUnknownError(
        f"{request.method} {request.path} was sent, but its answer never came "
        f"({_reason(error)}); whether it was done has to be looked up before it is sent again.",
        facts,
    )


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timed out"
    text = str(error).lower()
    return next((said for sign, said in REASONS.items() if sign in text), "connection lost")


REASONS = {
    "certificate": "its certificate is not trusted",
    "ssl": "it does not speak TLS",
    "refused": "connection refused",
    "name or service": "no such host",
    "resolution": "no such host",
    "nodename": "no such host",
    "larger than": "larger than any answer of BILL",
}
