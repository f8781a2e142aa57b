"""BILL's sessions, kept sealed for every process: one sign-in serves them all.

BILL allows 200 sign-ins an hour a developer key, and locks users out who fail too often
(https://developer.bill.com/docs/api-rate-limits): so one signs in at a time, and credentials
that were refused are not tried again until they are replaced or hours have gone by.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session as StoreSession

from billcom.errors import ConfigurationError
from billcom.session import Credentials, Session
from etl.store.databases import locked
from etl.store.engine import Store
from etl.store.models import BillSession
from etl.store.secrets import SecretBox

__all__ = ["StoredSession", "forget_sessions", "refusal_of"]

SIGN_IN_LEASE = timedelta(minutes=4)  # longer than a sign-in with all its tries
REFUSED_FOR = timedelta(hours=6)
DOUBTED_FOR = timedelta(minutes=30)
TOUCH_EVERY = timedelta(minutes=5)
POLL_S = 0.1


class StoredSession:
    """A billcom.session.SessionKeeper over the operational store, for one tenant."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        tenant_id: int,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._store = store
        self._box = box
        self._key = (tenant_id, credentials_hash(credentials))
        self._idle_limit = credentials.idle_limit
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._used_at: datetime | None = None
        self._touched_at: datetime | None = None

    def current(self, sign_in: Callable[[], Session]) -> Session:
        """See SessionKeeper.current. ConfigurationError where BILL refused these credentials."""
        with self._lock:
            if self._session is None or self._is_idle(self._used_at):
                self._session = self._shared(sign_in)
            self._used_at = self._clock()
            if self._touched_at is None or self._used_at - self._touched_at > TOUCH_EVERY:
                self._touch(self._used_at)
            return self._session

    def forget(self, stale: Session) -> None:
        """See SessionKeeper.forget."""
        with self._lock, self._store.begin() as session:
            row = self._row(session)
            if row.sealed and self._opened(row.sealed) == stale:
                row.sealed = None
            if self._session == stale:
                self._session = None

    def _is_idle(self, used_at: datetime | None) -> bool:
        return used_at is None or self._clock() - used_at > self._idle_limit

    def _shared(self, sign_in: Callable[[], Session]) -> Session:
        """The kept session, or a new one that is kept."""
        while True:
            kept, lease = self._kept_or_claim()
            if kept:
                return kept
            if lease:
                return self._sign_in(sign_in, lease)
            self._sleep(POLL_S)

    def _kept_or_claim(self) -> tuple[Session | None, datetime | None]:
        """A session, or the lease to sign in, or neither: another is signing in."""
        now = self._clock()
        with self._store.begin() as session:
            row = self._row(session)
            if row.sealed and not self._is_idle(row.used_at):
                return self._opened(row.sealed), None
            if row.refused_until and row.refusal and now < row.refused_until:
                raise ConfigurationError(row.refusal)
            if row.sign_in_lease_at and now < row.sign_in_lease_at:
                return None, None
            row.sign_in_lease_at = now + SIGN_IN_LEASE
            return None, row.sign_in_lease_at

    def _sign_in(self, sign_in: Callable[[], Session], lease: datetime) -> Session:
        made, refusal = None, None
        try:
            made = sign_in()
        except ConfigurationError as error:
            refusal = error
            raise
        finally:
            self._keep(made, refusal, lease)
        return made

    def _keep(
        self, made: Session | None, refusal: ConfigurationError | None, lease: datetime
    ) -> None:
        now = self._clock()
        with self._store.begin() as session:
            row = self._row(session)
            if row.sign_in_lease_at != lease:
                return  # it took so long that another signed in: theirs stands
            row.sign_in_lease_at = None
            row.sealed = self._sealed(made) if made else None
            row.used_at = self._touched_at = now
            row.refused_until = now + _pause_after(refusal) if refusal else None
            row.refusal = str(refusal) if refusal else None

    def _touch(self, now: datetime) -> None:
        self._touched_at = now
        with self._store.begin() as session:
            self._row(session).used_at = now

    def _row(self, session: StoreSession) -> BillSession:
        tenant_id, hashed = self._key
        return locked(session, BillSession(tenant_id=tenant_id, credentials_hash=hashed))

    def _sealed(self, session: Session) -> str:
        return self._box.seal(json.dumps([session.user_id, session.session_id]))

    def _opened(self, sealed: str) -> Session:
        user_id, session_id = json.loads(self._box.open(sealed))
        return Session(user_id, session_id)


def refusal_of(
    session: StoreSession, tenant_id: int, credentials: Credentials, now: datetime
) -> str | None:
    """The sentence with which BILL refused these credentials lately, or None."""
    row = session.get(BillSession, (tenant_id, credentials_hash(credentials)))
    if row is None or row.refused_until is None or now >= row.refused_until:
        return None
    return row.refusal


def _pause_after(refusal: ConfigurationError) -> timedelta:
    """BILL's own word on the credentials lasts; anything else may have come from in between."""
    return REFUSED_FOR if refusal.facts.codes else DOUBTED_FOR


def forget_sessions(session: StoreSession, tenant_id: int) -> None:
    """Drops a tenant's sessions and what is remembered of refused credentials."""
    session.execute(delete(BillSession).where(BillSession.tenant_id == tenant_id))


def credentials_hash(credentials: Credentials) -> str:
    """Tells credentials apart without saying what they are."""
    parts = [
        credentials.organization_id,
        credentials.username,
        credentials.developer_key,
        credentials.password,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
