"""Many processes on one developer key: does the shared throttle hold?"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from billcom.environment import resolve
from billcom.sandbox.clock import system_clock
from billcom.sandbox.limits import Limits
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import Tenant, World, empty_tenant
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.settings import load_settings
from etl.store.tenants import NewTenant, add_tenant

PROCESSES = 4
THREADS = 4


@dataclass(frozen=True)
class Outcome:
    """What the callers and the sandbox saw."""

    passed: Counter[str]
    errors: Counter[str]
    calls: int
    most_in_flight: int
    refused_by_bill: int


@contextmanager
def one_key(
    folder: Path, slugs: Sequence[str], *, latency_ms: int, per_hour: int = 20_000
) -> Iterator[tuple[BackOffice, Sandbox]]:
    """A back office whose tenants share one developer key, and the BILL they call."""
    tenants = [_tenant(slug) for slug in slugs]
    world = World(tenants, system_clock)
    limits = Limits(calls_per_hour=per_hour)
    with running_sandbox(world, limits=limits, latency_ms=latency_ms) as sandbox:
        office = open_back_office(load_settings({"TIEOUT_DATA_DIR": str(folder)}))
        for slug, tenant in zip(slugs, tenants, strict=True):
            # Without the sign-in that connecting checks credentials by: BILL would count it.
            new = _connection(slug, tenant, sandbox)
            with office.store.begin() as session:
                add_tenant(session, office.box, new, at=office.clock(), actor="bench")
        yield office, sandbox


def _tenant(slug: str) -> Tenant:
    made = empty_tenant(slug, slug.title(), system_clock)
    return Tenant(replace(made.credentials, developer_key="sandbox-devkey-shared"), made.book)


def _connection(slug: str, tenant: Tenant, sandbox: Sandbox) -> NewTenant:
    known = tenant.credentials
    credentials = Credentials(
        known.organization_id, known.username, known.developer_key, known.password
    )
    environment = resolve("sandbox", sandbox.base_url)
    return NewTenant(slug, known.name, environment, credentials, "UTC", "USD")


def hammer(
    office: BackOffice,
    sandbox: Sandbox,
    slugs: Sequence[str],
    *,
    seconds: float,
    kind: str = "urgent",
    **settings: Any,
) -> Outcome:
    """Four processes of four threads; the tenants take turns in getting a process."""
    folder = str(office.settings.data_dir)
    names = [slugs[n % len(slugs)] for n in range(PROCESSES)]
    processes = [start(folder, slug, seconds, kind, settings) for slug in names]
    passed: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for slug, process in zip(names, processes, strict=True):
        counts = json.loads(process.communicate()[0])
        passed[slug] += counts.pop("passed", 0)
        errors.update(counts)
    codes = [call.status for call in sandbox.calls]
    return Outcome(
        passed,
        errors,
        calls=sandbox.calls.total,
        most_in_flight=max(sandbox.calls.max_in_flight.values()),
        refused_by_bill=sum(1 for status in codes if status == 422),
    )


def start(
    folder: str, slug: str, seconds: float, kind: str, settings: dict[str, Any]
) -> "subprocess.Popen[bytes]":
    """One process of four threads."""
    arguments = [folder, slug, str(seconds), str(THREADS), kind]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.caller", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(json.dumps(settings).encode())
    process.stdin.close()
    process.stdin = None
    return process
