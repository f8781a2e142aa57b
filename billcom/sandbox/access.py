"""Who may call: logins, the sessions they make, and their idle end."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billcom.sandbox.errors import SessionInvalidError, UnknownKeyError, UnknownUserError
from billcom.sandbox.fields import Fields
from billcom.sandbox.world import Tenant, World

IDLE_LIMIT = timedelta(minutes=35)


@dataclass(frozen=True)
class Login:
    """The body of a login, checked for form only."""

    username: str
    password: str
    organization_id: str
    developer_key: str


@dataclass(frozen=True)
class Session:
    """A login that worked. Good only together with the developer key that made it."""

    tenant: Tenant
    developer_key: str
    last_used_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Whether it has been used within the idle limit."""
        return now - self.last_used_at < IDLE_LIMIT


def read_login(body: object) -> Login:
    """The four fields of a login; raises InvalidRequestError."""
    fields = Fields(body)
    found = [
        fields.text(name, required=True) or ""
        for name in ("username", "password", "organizationId", "devKey")
    ]
    fields.check()
    return Login(*found)


class Access:
    """The sessions of one sandbox."""

    def __init__(self, world: World) -> None:
        """Nobody is logged in yet."""
        self._world = world
        self._sessions: dict[str, Session] = {}

    def knows(self, developer_key: str) -> bool:
        """Whether any tenant has this developer key."""
        return any(t.credentials.developer_key == developer_key for t in self._world.tenants)

    def log_in(self, login: Login) -> tuple[str, Tenant]:
        """A new session's id and its tenant; raises UnknownKeyError or UnknownUserError."""
        if not self.knows(login.developer_key):
            raise UnknownKeyError
        tenant = self._tenant_of(login)
        session_id = secrets.token_urlsafe(24)
        now = self._world.clock()
        self._sessions[session_id] = Session(tenant, login.developer_key, now)
        return session_id, tenant

    def session(self, session_id: str, developer_key: str) -> Session:
        """The session, its idle time begun anew; raises SessionInvalidError."""
        session = self._sessions.get(session_id)
        now = self._world.clock()
        if session is None or session.developer_key != developer_key or not session.is_alive(now):
            raise SessionInvalidError
        self._sessions[session_id] = renewed = replace(session, last_used_at=now)
        return renewed

    def log_out(self, session_id: str) -> None:
        """End a session."""
        self._sessions.pop(session_id, None)

    def _tenant_of(self, login: Login) -> Tenant:
        for tenant in self._world.tenants:
            known = tenant.credentials
            if login == Login(
                known.username, known.password, known.organization_id, known.developer_key
            ):
                return tenant
        raise UnknownUserError
