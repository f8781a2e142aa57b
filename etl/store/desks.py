"""The throttle that all processes share: one row a developer key in the operational store.

Who may call is decided by `billcom.admission`; here the decision is made once, in one short
transaction, whichever process asks. Why it is our own: docs/adr/0006-one-desk-a-key.md.
"""

import hashlib
import json
import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billcom.admission import Allowance, Caller, Desk
from etl.errors import StoreError
from etl.settings import Settings
from etl.store.engine import Store
from etl.store.models import KeyDesk
from etl.store.owner import this_owner

__all__ = ["DeskKeeper", "SharedThrottle", "allowance_of", "seen_desk"]

POLL_S = (0.005, 0.02)  # chosen anew each time, so that processes do not ask in step
HEARD_OF_S = 1.0  # who waits says so this often; see billcom.admission.PATIENCE_S
_NAMES = count()
LOG = logging.getLogger(__name__)

# Built once: a call to BILL pays for these four times.
READ = select(KeyDesk.state).where(KeyDesk.scope == bindparam("of"))
READ_LOCKED = READ.with_for_update()
WRITE = update(KeyDesk).where(KeyDesk.scope == bindparam("of")).values(state=bindparam("now"))

Result = TypeVar("Result")


def allowance_of(settings: Settings) -> Allowance:
    """What these settings let a tenant and a key spend."""
    return Allowance(tenant_calls=settings.hourly_budget, key_calls=settings.key_hourly_budget)


def seen_desk(session: Session, developer_key: str) -> Desk:
    """The desk of a key as it is now; an empty one where nobody called with it yet."""
    kept = session.execute(READ, {"of": _scope_of(developer_key)}).scalar_one_or_none()
    return Desk.from_json(json.loads(kept)) if kept else Desk()


def _scope_of(developer_key: str) -> str:
    # The key itself is not written down.
    return hashlib.sha256(developer_key.encode()).hexdigest()


class DeskKeeper:
    """The desk of one developer key, as all threads of this process reach it."""

    def __init__(self, store: Store, developer_key: str) -> None:
        self._scope = _scope_of(developer_key)
        self._store = store
        self._one_at_a_time = threading.Lock()
        self.freed = threading.Condition()
        self._lay_out()

    def _lay_out(self) -> None:
        with self._store.begin() as session:
            if session.get(KeyDesk, self._scope):
                return
        try:
            with self._store.begin() as session:
                session.add(KeyDesk(scope=self._scope, state=json.dumps(Desk().as_json())))
        except IntegrityError:
            return  # another process was quicker

    def change(self, act: Callable[[Desk], Result]) -> Result:
        """What `act` answers; what it does to the desk is kept unless it raises."""
        # Threads of one process queue here: waiting in the database costs it polling.
        with self._one_at_a_time, self._store.connect() as connection:
            kept = connection.execute(READ_LOCKED, {"of": self._scope}).scalar_one()
            desk = Desk.from_json(json.loads(kept))
            result = act(desk)
            state = json.dumps(desk.as_json(), separators=(",", ":"))
            connection.execute(WRITE, {"of": self._scope, "now": state})
            return result

    def look(self) -> Desk:
        """The desk as it is; waits for nobody."""
        with self._store.read() as session:
            kept = session.execute(READ, {"of": self._scope}).scalar_one()
        return Desk.from_json(json.loads(kept))


@dataclass(frozen=True, slots=True)
class SharedThrottle:
    """A billcom.throttle.Throttle for one tenant, true across processes.

    `is_urgent` calls are those a person waits for.
    """

    desk: DeskKeeper
    tenant_id: int
    organization_id: str
    allowance: Allowance
    clock: Callable[[], datetime]
    is_urgent: bool = True
    chance: Callable[[], float] = field(default=random.random)

    @contextmanager
    def call(self, *, is_login: bool = False) -> Iterator[None]:
        """See Throttle.call."""
        name = f"{this_owner()}:{next(_NAMES)}"
        caller = Caller(
            name, str(self.tenant_id), self.organization_id, self.is_urgent, is_login=is_login
        )
        try:
            self._take(caller)
            yield
        finally:
            self._leave(name)

    def _leave(self, name: str) -> None:
        try:
            self.desk.change(lambda desk: desk.leave(name))
        except StoreError as error:
            # What BILL answered meanwhile counts for more; the place's lease runs out by itself.
            LOG.warning("a place in flight was not given back: %s", error)
        with self.desk.freed:
            self.desk.freed.notify_all()

    def _take(self, caller: Caller) -> None:
        while not self.desk.change(lambda desk: desk.take(caller, self.allowance, self._now())):
            self._wait_for_turn(caller)

    def _wait_for_turn(self, caller: Caller) -> None:
        """Until it seems to be the caller's turn, or it has to be heard of again."""
        heard_of = self._now()
        while self._now() - heard_of < HEARD_OF_S:
            shortest, longest = POLL_S
            with self.desk.freed:
                self.desk.freed.wait(shortest + (longest - shortest) * self.chance())
            if self.desk.look().may_go(caller, self.allowance, self._now()):
                return

    def _now(self) -> float:
        return self.clock().timestamp()
