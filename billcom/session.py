"""Signing in to BILL, and the session that comes of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from billcom.environment import World
from billcom.errors import BillError, ConfigurationError, ProtocolError
from billcom.protocol import LOGIN_PATH, Request, Shape

__all__ = [
    "Credentials",
    "Session",
    "SessionHolder",
    "SessionKeeper",
    "auth_headers",
    "login_request",
    "refused_sign_in",
    "session_from",
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What BILL asks for at sign-in. Secrets never appear in a representation."""

    organization_id: str
    username: str
    developer_key: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def is_sync_token(self) -> bool:
        """Whether the user is a sync token: people sign in with an e-mail address."""
        return "@" not in self.username

    @property
    def idle_limit(self) -> timedelta:
        """How long a session lives unused, less a little.

        BILL: 35 minutes, and 48 hours for a sync token
        (https://developer.bill.com/docs/bill-keys-tokens).
        """
        return timedelta(hours=47) if self.is_sync_token else timedelta(minutes=33)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session; it works only with the developer key that made it."""

    user_id: str
    session_id: str = field(repr=False)


class SessionKeeper(Protocol):
    """Keeps the current session, so that one sign-in serves as many as possible."""

    def current(self, sign_in: Callable[[], Session]) -> Session:
        """The session; `sign_in` makes one where there is none, once at a time."""

    def forget(self, stale: Session) -> None:
        """Drops a session that BILL refused, unless a newer one has taken its place."""


class SessionHolder:
    """The current session in memory, shared by every client that is given the same holder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None

    def current(self, sign_in: Callable[[], Session]) -> Session:
        """See SessionKeeper.current."""
        with self._lock:
            if self._session is None:
                self._session = sign_in()
            return self._session

    def forget(self, stale: Session) -> None:
        """See SessionKeeper.forget."""
        with self._lock:
            if self._session is stale:
                self._session = None


def login_request(credentials: Credentials) -> Request:
    """`POST /v3/login`: here, and only here, the developer key is in the body."""
    return Request(
        "POST",
        LOGIN_PATH,
        body={
            "username": credentials.username,
            "password": credentials.password,
            "organizationId": credentials.organization_id,
            "devKey": credentials.developer_key,
        },
        shape=Shape.ANY,
        is_repeatable=True,
    )


def refused_sign_in(error: BillError, world: World) -> ConfigurationError:
    """The refusal of a sign-in, told with the world it came from.

    BILL says the same of a wrong key and of one that belongs to its other world. Its own words
    are not repeated: they might quote what was sent.
    """
    other = next(one for one in World if one is not world)
    code = error.facts.codes[0] if error.facts.codes else ""
    what = WHAT_IS_WRONG.get(code)
    if isinstance(error, ConfigurationError) and what is None:
        return error
    if what is None:
        said = f"HTTP {error.facts.status}" + (f", {code}" if code else "")
        return ConfigurationError(
            f"BILL's {world} refuses the sign-in ({said}): check the credentials and that the "
            "address ends in /connect.",
            error.facts,
        )
    return ConfigurationError(
        f"BILL's {world} does not accept {what}: check it; one that was made in BILL's {other} "
        f"works only with --environment {other}.",
        error.facts,
    )


WHAT_IS_WRONG = {
    "BDC_1101": "this user name and password for this organization",
    "BDC_1102": "this developer key",
}


def session_from(payload: Any) -> Session:
    """The session of a login's answer; raises ProtocolError where it holds none."""
    if not isinstance(payload, dict) or not isinstance(payload.get("sessionId"), str):
        raise ProtocolError(
            "The address answers a sign-in, but not as BILL does: check that it ends in /connect."
        )
    return Session(user_id=str(payload.get("userId") or ""), session_id=payload["sessionId"])


def auth_headers(credentials: Credentials, session: Session) -> dict[str, str]:
    """The headers of every call but the login."""
    return {"devKey": credentials.developer_key, "sessionId": session.session_id}
