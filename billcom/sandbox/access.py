"""Who may call: logins, the sessions they make, and their idle end."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billcom.sandbox.errors import SessionInvalidError, UnknownKeyError, UnknownUserError
from billcom.sandbox.fields import Fields
from billcom.sandbox.world import Tenant, World

IDLE_LIMIT = timedelta(minutes=35)
TOKEN_IDLE_LIMIT = timedelta(hours=48)


@dataclass(frozen=True)
class Login:
    """The body of a login, checked for form only."""

    username: str
    password: str
    organization_id: str
    developer_key: str
    remember_me_id: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Session:
    """A login that worked. Good only together with the developer key that made it.

    One made by sync token lives longer and may do less; a trusted one has a second factor.
    """

    tenant: Tenant
    developer_key: str
    last_used_at: datetime
    is_by_token: bool = False
    is_trusted: bool = False

    def is_alive(self, now: datetime) -> bool:
        """Whether it has been used within its idle limit."""
        return now - self.last_used_at < (TOKEN_IDLE_LIMIT if self.is_by_token else IDLE_LIMIT)


def read_login(body: object) -> Login:
    """The fields of a login; raises InvalidRequestError."""
    fields = Fields(body)
    login = Login(
        username=fields.text("username", required=True) or "",
        password=fields.text("password", required=True) or "",
        organization_id=fields.text("organizationId", required=True) or "",
        developer_key=fields.text("devKey", required=True) or "",
        remember_me_id=fields.text("rememberMeId"),
        device=fields.text("device"),
    )
    fields.check()
    return login


class Access:
    """The sessions of one sandbox."""

    def __init__(self, world: World) -> None:
        """Nobody is logged in yet."""
        self._world = world
        self._sessions: dict[str, Session] = {}

    def knows(self, developer_key: str) -> bool:
        """Whether any tenant has this developer key."""
        return any(t.credentials.developer_key == developer_key for t in self._world.tenants)

    def log_in(self, login: Login) -> tuple[str, Session]:
        """A new session and its id; raises UnknownKeyError or UnknownUserError."""
        if not self.knows(login.developer_key):
            raise UnknownKeyError
        tenant, by_token = self._tenant_of(login)
        session_id = secrets.token_urlsafe(24)
        self._sessions[session_id] = session = Session(
            tenant,
            login.developer_key,
            self._world.clock(),
            is_by_token=by_token,
            is_trusted=not by_token
            and tenant.book.factors.is_remembered(login.remember_me_id, login.device),
        )
        self._end_surplus(tenant)
        return session_id, session

    def session(self, session_id: str, developer_key: str) -> Session:
        """The session, used just now; raises SessionInvalidError."""
        session = self._sessions.get(session_id)
        now = self._world.clock()
        if session is None or session.developer_key != developer_key or not session.is_alive(now):
            raise SessionInvalidError
        if self._world.knobs.failed_calls_rearm:
            self.renew(session_id)
        return self._sessions[session_id]

    def renew(self, session_id: str) -> None:
        """Begin the idle time of a session anew, if there still is one."""
        if session_id in self._sessions:
            session = self._sessions[session_id]
            self._sessions[session_id] = replace(session, last_used_at=self._world.clock())

    def trust(self, session_id: str) -> None:
        """The session has shown its second factor."""
        self._sessions[session_id] = replace(self._sessions[session_id], is_trusted=True)

    def log_out(self, session_id: str) -> None:
        """End a session."""
        self._sessions.pop(session_id, None)

    def _end_surplus(self, tenant: Tenant) -> None:
        most = self._world.knobs.most_sessions
        theirs = [i for i, session in self._sessions.items() if session.tenant is tenant]
        for session_id in theirs[:-most] if most else ():
            self.log_out(session_id)

    def _tenant_of(self, login: Login) -> tuple[Tenant, bool]:
        """The tenant, and whether a sync token opened it."""
        given = (login.username, login.password)
        for tenant in self._world.tenants:
            known = tenant.credentials
            place = (known.organization_id, known.developer_key)
            if (login.organization_id, login.developer_key) != place:
                continue
            if given == (known.username, known.password):
                return tenant, False
            if known.sync_token_name and given == (known.sync_token_name, known.sync_token_value):
                return tenant, True
        raise UnknownUserError
