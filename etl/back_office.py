"""What every job and command of the back office works with: settings, store, secrets, time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from billcom.client import Client, Surroundings
from billcom.session import Credentials
from billcom.telemetry import Call, Observer, ignore
from billcom.transport import Patience
from etl.errors import StoppingError
from etl.settings import Settings
from etl.store.circuits import StoredBreaker
from etl.store.desks import DeskKeeper, SharedThrottle, allowance_of
from etl.store.engine import Store, open_store
from etl.store.models import Tenant
from etl.store.secrets import SecretBox, open_box
from etl.store.sessions import StoredSession
from etl.store.telemetry import Recorder
from etl.store.tenants import connection_of, may_be_written

__all__ = ["BackOffice", "Shared", "open_back_office", "write_refusal"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Shared:
    """What the clients of one process share, made when first asked for."""

    desks: dict[str, DeskKeeper] = field(default_factory=dict)
    sessions: dict[tuple[int, Credentials], StoredSession] = field(default_factory=dict)
    recorder: Recorder | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class BackOffice:
    """One process's view of the back office. `stopping` is set when it is asked to end."""

    settings: Settings
    store: Store
    box: SecretBox
    clock: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    stopping: threading.Event = field(default_factory=threading.Event)
    shared: Shared = field(default_factory=Shared, repr=False)

    @contextmanager
    def client_of(
        self,
        tenant: Tenant,
        observe: Observer = ignore,
        *,
        is_urgent: bool = False,
        patience: Patience | None = None,
    ) -> Iterator[Client]:
        """A client of BILL for a tenant, under the limits all processes share.

        `is_urgent`: a person waits for it.
        """
        environment, credentials = connection_of(self.box, tenant)
        recorder = self._recorder()
        record = recorder.observer_of(tenant.id)

        def hear(call: Call) -> None:
            record(call)
            observe(call)

        around = Surroundings(
            sessions=self._session_of(tenant, credentials),
            breaker=lambda host: StoredBreaker(
                self.store, tenant, environment.address_of(host), clock=self.clock
            ),
            observe=hear,
            refuse_writes=write_refusal(tenant),
            patience=patience or Patience(),
            clock=self.clock,
            sleep=self.sleep,
        )
        throttle = self.throttle_of(tenant, credentials, is_urgent=is_urgent)
        try:
            with Client(environment, credentials, throttle, around) as client:
                yield client
        finally:
            recorder.flush()

    def throttle_of(
        self, tenant: Tenant, credentials: Credentials, *, is_urgent: bool
    ) -> SharedThrottle:
        """The throttle of a tenant's calls."""
        with self.shared.lock:
            desk = self.shared.desks.get(credentials.developer_key)
            if desk is None:
                desk = DeskKeeper(self.store, credentials.developer_key)
                self.shared.desks[credentials.developer_key] = desk
        return SharedThrottle(
            desk,
            tenant.id,
            credentials.organization_id,
            allowance_of(self.settings),
            self.clock,
            is_urgent,
        )

    def _session_of(self, tenant: Tenant, credentials: Credentials) -> StoredSession:
        key = (tenant.id, credentials)
        with self.shared.lock:
            if key not in self.shared.sessions:
                self.shared.sessions[key] = StoredSession(
                    self.store,
                    self.box,
                    tenant.id,
                    credentials,
                    clock=self.clock,
                    sleep=self.sleep,
                )
            return self.shared.sessions[key]

    def _recorder(self) -> Recorder:
        with self.shared.lock:
            if self.shared.recorder is None:
                self.shared.recorder = Recorder(self.store, self.clock)
            return self.shared.recorder


def write_refusal(tenant: Tenant) -> str | None:
    """The sentence that says why nothing is written for a tenant, None where it may be."""
    if may_be_written(tenant):
        return None
    return (
        f"Nothing is written to {tenant.slug} in BILL's production yet: enable it once with "
        f"tieout tenant allow-writes {tenant.slug}."
    )


def open_back_office(settings: Settings) -> BackOffice:
    """Opens the store and the secrets of these settings."""
    stopping = threading.Event()

    def sleep(seconds: float) -> None:
        if stopping.wait(seconds):  # a process that is asked to end neither sleeps nor goes on
            raise StoppingError

    return BackOffice(
        settings, open_store(settings), open_box(settings), sleep=sleep, stopping=stopping
    )
