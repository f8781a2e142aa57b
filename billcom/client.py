"""The client: sign in once, send, retry where that is safe, and say what went wrong."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from billcom.classify import error_from
from billcom.environment import Environment
from billcom.errors import (
    AuthenticationError,
    BillError,
    CallFacts,
    NetworkError,
    OutcomeUnknownError,
    ProtocolError,
    ServerError,
    ValidationError,
)
from billcom.paging import Page, Record, page_from, walk
from billcom.protocol import MAX_PAGE_SIZE, Answer, Request, decode, encode, list_request
from billcom.resources import Resource
from billcom.retry import delay_s, may_retry
from billcom.session import (
    Credentials,
    Session,
    SessionHolder,
    auth_headers,
    login_request,
    session_from,
)
from billcom.telemetry import Call, Observer, ignore
from billcom.throttle import Throttle

__all__ = ["Client"]

TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Client:
    """BILL for one user of one organization; safe to share between threads.

    Every call passes the throttle, and failures come as the errors of `billcom.errors`.
    `observe` hears of every call that went out, tries again included. Clients of the same
    credentials may share a `holder`, and with it one sign-in.
    """

    def __init__(
        self,
        environment: Environment,
        credentials: Credentials,
        throttle: Throttle,
        *,
        holder: SessionHolder | None = None,
        observe: Observer = ignore,
        clock: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = environment.base_url
        self._credentials = credentials
        self._throttle = throttle
        self._observe = observe
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._http = httpx.Client(
            timeout=TIMEOUT,
            transport=transport,
            follow_redirects=False,
            # A proxy of the environment would get what goes to this machine in the clear.
            trust_env=not environment.is_loopback,
        )
        self._holder = holder or SessionHolder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; the session at BILL simply runs out."""
        self._http.close()

    def sign_in(self) -> Session:
        """The session, signed in on first use. Raises ConfigurationError on bad credentials."""
        return self._holder.current(self._log_in)

    def _log_in(self) -> Session:
        return session_from(self._send(login_request(self._credentials), {}))

    def pages(
        self,
        resource: Resource,
        *,
        filters: Sequence[str] = (),
        sort: str | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> Iterator[Page]:
        """The pages of a list, to its end."""

        def fetch(cursor: str | None) -> Page:
            request = list_request(
                resource.path, page_size=page_size, filters=filters, sort=sort, cursor=cursor
            )
            return page_from(self.call(request), resource.path)

        return walk(fetch, resource.path)

    def get(self, resource: Resource, bill_id: str) -> Record:
        """One record by its id; NotFoundError where there is none."""
        return self._record(Request("GET", f"{resource.path}/{quote(bill_id, safe='')}"))

    def create(self, resource: Resource, body: Record) -> Record:
        """A new record, as BILL answers it."""
        return self._record(Request("POST", resource.path, body=body))

    def act(self, resource: Resource, bill_id: str, action: str, body: Any = None) -> Any:
        """One of a resource's actions (`archive`, `email`, …); BILL's answer, None if empty."""
        if action not in resource.actions:
            raise ValidationError(f"BILL knows no action “{action}” on {resource.name}.")
        path = f"{resource.path}/{quote(bill_id, safe='')}/{action}"
        return self.call(Request("POST", path, body=body))

    def record_payment(self, body: Record) -> Record:
        """Money received outside BILL (`POST /v3/invoices/record-payment`)."""
        return self._record(Request("POST", "/v3/invoices/record-payment", body=body))

    def _record(self, request: Request) -> Record:
        payload = self.call(request)
        if not isinstance(payload, dict):
            raise ProtocolError(f"The answer to {request.path} is not a record.")
        return payload

    def call(self, request: Request) -> Any:
        """Any request, signed in; once signed in anew where BILL let the session go."""
        session = self.sign_in()
        try:
            return self._send(request, auth_headers(self._credentials, session))
        except AuthenticationError:  # refused before anything was done, so a write may go again
            self._holder.forget(session)
        return self._send(request, auth_headers(self._credentials, self.sign_in()))

    def _send(self, request: Request, headers: dict[str, str]) -> Any:
        """The one retry loop."""
        attempt = 1
        while True:
            try:
                return self._once(request, headers, attempt)
            except BillError as error:
                if not may_retry(request, error, attempt, self._clock()):
                    raise
                wait = delay_s(error, attempt, self._clock(), self._chance)
            self._sleep(wait)
            attempt += 1

    def _once(self, request: Request, headers: dict[str, str], attempt: int) -> Any:
        with self._throttle.call():
            started = time.perf_counter()
            answer: Answer | None = None
            try:
                answer = self._transmit(request, headers)
            finally:
                status = answer.status if answer else None
                taken = time.perf_counter() - started
                self._observe(Call(request.method, request.path, status, attempt, taken))
        if not answer.is_success:
            raise error_from(request, answer, self._clock())
        try:
            return decode(request, answer)
        except ProtocolError:
            if request.may_repeat:
                raise
            raise OutcomeUnknownError(
                f"{request.method} {request.path} was answered, but not in BILL's language; "
                "whether it was done has to be looked up before it is sent again.",
                CallFacts(request.method, request.path, answer.status),
            ) from None

    def _transmit(self, request: Request, headers: dict[str, str]) -> Answer:
        """The one place that touches the network."""
        facts = CallFacts(request.method, request.path)
        content = encode(request.body)
        sent = {"accept": "application/json", **headers}
        if content is not None:
            sent["content-type"] = "application/json"
        try:
            response = self._http.request(
                request.method,
                self._base_url + request.path,
                params=request.params,
                content=content,
                headers=sent,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NetworkError(
                f"BILL at {self._base_url} cannot be reached ({_reason(error)}): check the "
                "address and the network. Nothing was sent.",
                facts,
            ) from None
        except httpx.InvalidURL:
            raise ProtocolError("A record's id does not fit in an address.", facts) from None
        except httpx.HTTPError as error:
            raise _lost(request, facts, error) from None
        return Answer(response.status_code, response.headers, response.text)


def _lost(request: Request, facts: CallFacts, error: httpx.HTTPError) -> BillError:
    """The error of an answer that never came whole."""
    if request.may_repeat:
        return ServerError(
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
    if "certificate" in text:
        return "its certificate is not trusted"
    if "refused" in text:
        return "connection refused"
    if "name or service" in text or "resolution" in text or "nodename" in text:
        return "no such host"
    return "connection lost"
