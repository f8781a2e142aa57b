"""The client: sign in once, send, retry where that is safe, and say what went wrong."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from billcom.breaker import Breaker, Health, LocalBreaker, health
from billcom.classify import error_from
from billcom.environment import Environment
from billcom.errors import (
    AuthenticationError,
    BillError,
    BusinessError,
    CallFacts,
    ConfigurationError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ProtocolError,
    ValidationError,
    WritesNotEnabledError,
)
from billcom.paging import Page, Record, walk
from billcom.protocol import MAX_PAGE_SIZE, Answer, Host, Request, decode, list_params
from billcom.resources import Resource, request_for
from billcom.retry import delay_s, may_retry
from billcom.session import (
    Credentials,
    Session,
    SessionHolder,
    SessionKeeper,
    auth_headers,
    login_request,
    refused_sign_in,
    session_from,
)
from billcom.telemetry import Call, Observer, ignore
from billcom.throttle import Throttle
from billcom.transport import Patience, Transport

__all__ = ["Client", "Surroundings"]

# What BILL may say to a sign-in that no second one would change.
DECLINED = (
    AuthenticationError,
    BusinessError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)
LOGIN_TRIES = 2  # others wait for it, and the next call tries again


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client lives in. Each part has a plain form that serves one process.

    `breaker` makes the one of a host. `observe` hears of every call that went out; neither it nor
    a breaker's `settle` may fail, as BILL has answered by then. `refuse_writes`: the sentence that
    every write is refused with, None where the book may be written. `chance` gives numbers from 0
    to 1.
    """

    sessions: SessionKeeper | None = None
    breaker: Callable[[Host], Breaker] | None = None
    observe: Observer = ignore
    refuse_writes: str | None = None
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class Client:
    """BILL for one user of one organization; safe to share between threads.

    Every call passes the breaker and the throttle, and failures come as the errors of
    `billcom.errors`. `clock_offset` is how far BILL's clock was ahead of ours at its latest
    answer, to half a second; None before one, or where it bore no date.
    """

    def __init__(
        self,
        environment: Environment,
        credentials: Credentials,
        throttle: Throttle,
        around: Surroundings | None = None,
    ) -> None:
        around = around or Surroundings()
        self._world = environment.world
        self._credentials = credentials
        self._throttle = throttle
        self._around = around
        self._sessions = around.sessions or SessionHolder()
        make_breaker = around.breaker or (lambda _host: LocalBreaker(around.clock))
        self._breakers = {host: make_breaker(host) for host in Host}
        self._transport = Transport(environment, around.patience)
        self.clock_offset: timedelta | None = None

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
        self._transport.close()

    def sign_in(self) -> Session:
        """The session, signed in on first use. Raises ConfigurationError on bad credentials."""
        return self._sessions.current(self._log_in)

    def _log_in(self) -> Session:
        try:
            return session_from(self._send(login_request(self._credentials), {}))
        except DECLINED as error:
            raise refused_sign_in(error, self._world) from None

    def pages(
        self,
        resource: Resource,
        *,
        filters: Sequence[str] = (),
        sort: str | None = None,
        page_size: int = MAX_PAGE_SIZE,
        **ids: str,
    ) -> Iterator[Page]:
        """The pages of a list, to its end."""

        def fetch(cursor: str | None) -> Page:
            params = list_params(page_size=page_size, filters=filters, sort=sort, cursor=cursor)
            page: Page = self.call(request_for(resource, "list", ids, params=params))
            return page

        return walk(fetch, resource.path)

    def get(self, resource: Resource, bill_id: str, **ids: str) -> Record:
        """One record by its id; NotFoundError where there is none."""
        record: Record = self.call(request_for(resource, "get", {"id": bill_id, **ids}))
        return record

    def do(
        self,
        resource: Resource,
        verb: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        **ids: str,
    ) -> Any:
        """One verb of a resource's row in `billcom.resources`; BILL's answer in the verb's shape.

        `ids` fill the path: `client.do(INVOICES, "archive", id="00e…")`.
        """
        return self.call(request_for(resource, verb, ids, body=body, params=params))

    def call(self, request: Request) -> Any:
        """Any request, signed in; once signed in anew where BILL let the session go."""
        if request.is_write and self._around.refuse_writes:
            facts = CallFacts(request.method, request.path)
            raise WritesNotEnabledError(self._around.refuse_writes, facts)
        session = self.sign_in()
        try:
            return self._send(request, auth_headers(self._credentials, session))
        except AuthenticationError:  # refused before anything was done, so a write may go again
            self._sessions.forget(session)
        return self._send(request, auth_headers(self._credentials, self.sign_in()))

    def _send(self, request: Request, headers: dict[str, str]) -> Any:
        """The one retry loop."""
        attempt = 1
        while True:
            try:
                return self._once(request, headers, attempt)
            except BillError as error:
                now = self._around.clock()
                if attempt >= self._most_tries(request) or not may_retry(
                    request, error, attempt, now
                ):
                    raise
                wait = delay_s(error, attempt, now, self._around.chance)
            self._around.sleep(wait)
            attempt += 1

    def _most_tries(self, request: Request) -> int:
        tries = self._around.patience.tries
        return min(tries, LOGIN_TRIES) if request.is_login else tries

    def _once(self, request: Request, headers: dict[str, str], attempt: int) -> Any:
        """One try: past the breaker, past the throttle, out, and back."""
        breaker = self._breakers[request.host]
        breaker.admit()
        said = Health.UNTRIED
        try:
            outcome = self._exchange(request, headers, attempt)
            error = outcome if isinstance(outcome, BillError) else None
            said = health(error)
        finally:
            breaker.settle(said)
        if error:
            raise error
        return outcome

    def _exchange(self, request: Request, headers: dict[str, str], attempt: int) -> Any:
        """What BILL answered, or the error of it; raises only where nothing went out."""
        asked, answer = time.perf_counter(), None
        with self._throttle.call(is_login=request.is_login):
            let_out, at = time.perf_counter(), self._around.clock()
            try:
                answer = self._transport.transmit(request, headers)
                self._compare_clocks(answer, at, time.perf_counter() - let_out)
                outcome = self._understood(request, answer)
            except BillError as error:
                outcome = error
        failure = outcome if isinstance(outcome, BillError) else None
        self._around.observe(
            Call(
                at=at,
                endpoint=request.endpoint or f"{request.method} {request.path}",
                status=answer.status if answer else None,
                codes=failure.facts.codes if failure else (),
                error=type(failure).__name__ if failure else "",
                attempt=attempt,
                waited_s=let_out - asked,
                taken_s=time.perf_counter() - let_out,
                size_bytes=answer.size_bytes if answer else 0,
            )
        )
        return outcome

    def _compare_clocks(self, answer: Answer, sent_at: datetime, taken_s: float) -> None:
        dated = answer.dated
        if dated:  # it is cut to the second, and was written somewhere on the way
            middle = sent_at + timedelta(seconds=taken_s / 2)
            self.clock_offset = dated + timedelta(seconds=0.5) - middle

    def _understood(self, request: Request, answer: Answer) -> Any:
        if not answer.is_success:
            raise error_from(request, answer, self._around.clock())
        try:
            return decode(request, answer)
        except ProtocolError as error:
            facts = CallFacts(request.method, request.path, answer.status)
            if request.may_repeat:
                raise ProtocolError(str(error), facts) from None
            raise OutcomeUnknownError(
                f"{request.method} {request.path} was answered, but not in BILL's language; "
                "whether it was done has to be looked up before it is sent again.",
                facts,
            ) from None
