"""One tenant while it is looked at: its client is opened once, when first asked for."""

import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from billcom.client import Client
from billcom.environment import Environment, resolve
from billcom.session import Credentials
from billcom.telemetry import Call
from billcom.transport import Patience
from etl.back_office import BackOffice
from etl.store.models import Tenant
from etl.store.tenants import connection_of

__all__ = ["Visit"]

# A person waits, and what fails twice is told rather than tried on.
QUICK = Patience(connect_s=5, read_s=10, whole_s=15, tries=2)


class Visit:
    """A tenant, its environment and its client. `calls` are those that went out so far."""

    def __init__(self, office: BackOffice, tenant: Tenant) -> None:
        self.office = replace(office, sleep=_short_sleep)
        self.tenant = tenant
        self.calls: list[Call] = []
        self._opened = ExitStack()

    def close(self) -> None:
        """Closes the client."""
        self._opened.close()

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.office.clock()

    @cached_property
    def environment(self) -> Environment:
        """Where BILL is; ConfigurationError where that address is not allowed."""
        return resolve(self.tenant.environment, self.tenant.base_url)

    @cached_property
    def credentials(self) -> Credentials:
        """As whom BILL is called."""
        return connection_of(self.office.box, self.tenant)[1]

    @cached_property
    def client(self) -> Client:
        """A client under the limits and with the session that all processes share."""
        return self._opened.enter_context(
            self.office.client_of(self.tenant, self.calls.append, is_urgent=True, patience=QUICK)
        )


def _short_sleep(seconds: float) -> None:
    time.sleep(min(seconds, 0.5))
