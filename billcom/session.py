"""Signing in to BILL, and the session that comes of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from billcom.errors import ProtocolError
from billcom.protocol import Request

__all__ = [
    "Credentials",
    "Session",
    "SessionHolder",
    "auth_headers",
    "login_request",
    "session_from",
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What BILL asks for at sign-in. Secrets never appear in a representation."""

    organization_id: str
    username: str
    developer_key: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session; it works only with the developer key that made it."""

    user_id: str
    session_id: str = field(repr=False)


class SessionHolder:
    """The current session, shared by every client that is given the same holder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None

    def current(self, sign_in: Callable[[], Session]) -> Session:
        """The session; `sign_in` makes one where there is none, in one thread only."""
        with self._lock:
            if self._session is None:
                self._session = sign_in()
            return self._session

    def forget(self, stale: Session) -> None:
        """Drops a session that BILL refused, unless a newer one has taken its place."""
        with self._lock:
            if self._session is stale:
                self._session = None


def login_request(credentials: Credentials) -> Request:
    """`POST /v3/login`: here, and only here, the developer key is in the body."""
    return Request(
        "POST",
        "/v3/login",
        body={
            "username": credentials.username,
            "password": credentials.password,
            "organizationId": credentials.organization_id,
            "devKey": credentials.developer_key,
        },
    )


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
