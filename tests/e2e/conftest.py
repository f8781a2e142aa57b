"""The whole product as it is served: sandbox, back office, dashboard, and a real Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from billcom.environment import resolve
from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.session import Credentials
from etl.back_office import open_back_office
from etl.commands.processes import dashboard_command
from etl.commands.tenants import connect
from etl.jobs.sync_tenant import sync_tenant
from etl.settings import ROOT, load_settings
from etl.store import tenants, users
from tests import hostile
from tests.e2e import chromium
from tests.worlds import written_world

PASSWORD = "shown-in-a-test-only"
# Both are called the same at Cascade and at Meridian, as two tenants' customers may be.
TENANTS = {"cascade": BUSINESSES[0], "meridian": BUSINESSES[2], "hostile": hostile.BUSINESS}


@dataclass(frozen=True)
class Product:
    """The running product: its address, its data, and the sandbox's book behind it."""

    url: str
    data: Path
    sandbox: Sandbox

    def process_environment(self) -> dict[str, str]:
        return os.environ | {"TIEOUT_DATA_DIR": str(self.data)}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    data = tmp_path_factory.mktemp("product")
    world = written_world(list(TENANTS.values()))
    hostile.poison(world.tenants[2].book)
    with ExitStack() as running:
        sandbox = running.enter_context(running_sandbox(world))
        _fill(data, sandbox)
        port = _free_port()
        made = Product(f"http://127.0.0.1:{port}", data, sandbox)
        environment = made.process_environment()
        running.enter_context(
            _process([sys.executable, "-m", "etl", "serve", "--port", "0"], environment, data)
        )
        running.enter_context(_process(dashboard_command(port), environment, data))
        _wait_for(f"{made.url}/_stcore/health")
        yield made


def _fill(data: Path, sandbox: Sandbox) -> None:
    office = open_back_office(load_settings({"TIEOUT_DATA_DIR": str(data)}))
    for slug, known in zip(TENANTS, sandbox.tenants, strict=True):
        new = tenants.NewTenant(
            slug=slug,
            name=known.name,
            environment=resolve("sandbox", sandbox.base_url),
            credentials=Credentials(
                known.organization_id, known.username, known.developer_key, known.password
            ),
            time_zone="America/Chicago",
            currency="USD",
        )
        connect(office, new, actor="test")
        assert sync_tenant(office, slug).error is None
    with office.store.begin() as session:
        for email, slug, role in (
            ("both@x.example", "cascade", "operator"),
            ("both@x.example", "meridian", "admin"),
            ("viewer@x.example", "cascade", "viewer"),
            ("approver@x.example", "cascade", "approver"),
            ("stranger@x.example", "hostile", "admin"),
        ):
            users.add_membership(
                session,
                email,
                tenants.find_tenant(session, slug),
                role,
                password=PASSWORD,
                at=office.clock(),
                actor="test",
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(command: list[str], environment: dict[str, str], data: Path) -> Iterator[None]:
    with (data / "processes.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        said = f"*** BROWSER TEST SKIPPED, no Chromium here: {chromium.HOW}. ***"
        if os.environ.get("TIEOUT_REQUIRE_BROWSER"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        chosen = playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
        yield chosen
        chosen.close()
