"""What every job and command of the back office works with: settings, store, secrets, time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from billcom.client import Client
from billcom.session import SessionHolder
from billcom.telemetry import Observer, ignore
from etl.settings import Settings
from etl.store.calls import SharedThrottle
from etl.store.engine import Store, open_store
from etl.store.models import Tenant
from etl.store.secrets import SecretBox, open_box
from etl.store.tenants import connection_of

__all__ = ["BackOffice", "open_back_office"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BackOffice:
    """One process's view of the back office. `stopping` is set when it is asked to end."""

    settings: Settings
    store: Store
    box: SecretBox
    clock: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    stopping: threading.Event = field(default_factory=threading.Event)
    holders: dict[int, SessionHolder] = field(default_factory=dict, repr=False)

    def client_of(self, tenant: Tenant, observe: Observer = ignore) -> Client:
        """A client of BILL for a tenant, under the throttle all processes share."""
        environment, credentials = connection_of(self.box, tenant)
        throttle = SharedThrottle(
            self.store,
            tenant,
            credentials,
            hourly_budget=self.settings.hourly_budget,
            clock=self.clock,
            sleep=self.sleep,
        )
        return Client(
            environment,
            credentials,
            throttle,
            holder=self.holders.setdefault(tenant.id, SessionHolder()),
            observe=observe,
            clock=self.clock,
            sleep=self.sleep,
        )


def open_back_office(settings: Settings) -> BackOffice:
    """Opens the store and the secrets of these settings."""
    stopping = threading.Event()

    def sleep(seconds: float) -> None:
        stopping.wait(seconds)  # a process that is asked to end does not sleep on

    return BackOffice(
        settings, open_store(settings), open_box(settings), sleep=sleep, stopping=stopping
    )
