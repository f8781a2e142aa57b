"""A full sync with and without the shared throttle, against a BILL that takes its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billcom.environment import resolve
from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.clock import system_clock
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.server import running_sandbox
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.commands.tenants import connect
from etl.jobs.sync_tenant import sync_tenant
from etl.settings import load_settings
from etl.store.tenants import NewTenant
from tests.bench.figures import side_by_side, tell

LATENCY_MS = 100
ROUNDS = 5


class NoThrottle:
    """Lets everything out at once."""

    @contextmanager
    def call(self, *, is_login: bool = False) -> Iterator[None]:
        """See Throttle.call."""
        del is_login
        yield


@dataclass(frozen=True)
class Unthrottled(BackOffice):
    """A back office with the throttle off."""

    def throttle_of(self, *_: Any, **__: Any) -> Any:
        """None worth the name."""
        return NoThrottle()


def run(folder: Path) -> None:
    """A full sync of 600 invoices, each call answered after 100 ms."""
    world = seeded_world(7, system_clock, businesses=[CASCADE])
    with running_sandbox(world, latency_ms=LATENCY_MS) as sandbox:
        settings = load_settings(
            {"TIEOUT_DATA_DIR": str(folder), "TIEOUT_HOURLY_BUDGET": "1000000"}
        )
        with_it = open_back_office(settings)
        without = Unthrottled(settings, with_it.store, with_it.box)
        known = sandbox.tenants[0]
        credentials = Credentials(
            known.organization_id, known.username, known.developer_key, known.password
        )
        environment = resolve("sandbox", sandbox.base_url)
        connect(
            with_it,
            NewTenant("cascade", known.name, environment, credentials, "UTC", "USD"),
            actor="bench",
        )
        sync_tenant(with_it, "cascade", full=True)
        off_s, on_s = side_by_side(
            lambda: sync_tenant(without, "cascade", full=True),
            lambda: sync_tenant(with_it, "cascade", full=True),
            ROUNDS,
        )
    tell(
        "full sync, throttle off → on",
        f"{off_s:.2f} → {on_s:.2f} s ({on_s / off_s - 1:+.1%})",
        "at most +5 %",
    )
