"""`tieout demo`: the whole product on a seeded world; one command, which cleans up after itself."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from filelock import FileLock, Timeout

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.commands.processes import dashboard_command, processes_option
from etl.commands.tenants import connect
from etl.errors import TieoutError
from etl.jobs.sync_tenant import sync_tenant
from etl.jobs.webhook_subscriptions import subscribe
from etl.settings import ROOT, Settings, load_settings
from etl.store import tenants, users
from etl.store.access import command_line_grant

__all__ = ["demo"]

# One password for all: the world is invented and listens on this machine only.
PASSWORD = "tie-out-to-the-cent"  # noqa: S105
SYNC_EVERY_S = 120  # webhooks lead to others in between
# Often enough to be seen, seldom enough that an hour does not drown two years of history.
HAPPENS_EVERY_S = 40
SLUGS = ("cascade", "prairie", "meridian")
ZONES = ("America/Los_Angeles", "America/Chicago", "America/New_York")
# Who may do what where; the administrator sees all three tenants, the others one each.
PEOPLE = (
    ("admin@tieout.example", "admin", SLUGS),
    ("operator@cascade.example", "operator", SLUGS[:1]),
    ("viewer@prairie.example", "viewer", SLUGS[1:2]),
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Of the dashboard [default: any free].")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--seed", type=int, default=2026, show_default=True, help="Which invented world.")
@processes_option
def demo(port: int | None, no_browser: bool, seed: int, processes: int) -> None:
    """The whole product on an invented world; Ctrl-C stops all of it."""
    given = load_settings()
    folder = given.data_dir / "demo"
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name("demo.lock"), blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise TieoutError("A demo is running already: use its page, or stop it first.") from None
    with lock, _stop_signals():
        shutil.rmtree(folder, ignore_errors=True)
        settings = _demo_settings(given, folder)
        _run(settings, port or _free_port(), seed, opens=not no_browser, processes=processes)


def _demo_settings(given: Settings, folder: Path) -> Settings:
    return replace(
        given,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'tieout.db'}",
        sync_every_s=SYNC_EVERY_S,
    )


def _run(settings: Settings, port: int, seed: int, *, opens: bool, processes: int) -> None:
    _refuse_taken(port)
    with contextlib.ExitStack() as running:
        running.enter_context(contextlib.suppress(KeyboardInterrupt))
        click.echo("Starting a pretend BILL …", err=True)
        world = _start_sandbox(running, settings, seed)
        office = open_back_office(settings)
        _fill(office, world)
        environment = _environment(settings)
        listens = _free_port()
        serve = [sys.executable, "-m", "etl", "serve", "--port", str(listens)]
        running.enter_context(_process(serve, environment))
        _be_told(office, f"http://127.0.0.1:{listens}")
        page = running.enter_context(_process(_page_command(port, processes), environment))
        url = f"http://127.0.0.1:{port}"
        _wait_for_page(url, page)
        _print_welcome(url, world)
        if opens:
            webbrowser.open(url)
        _wait_for_the_end(page)


def _page_command(port: int, processes: int) -> list[str]:
    if processes == 1:
        return dashboard_command(port)
    page = [sys.executable, "-m", "etl", "dashboard", "--no-browser", "--port", str(port)]
    return [*page, "--processes", str(processes)]


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise TieoutError(
                f"Port {port} is taken: choose another with --port, or leave it out."
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "TIEOUT_DATA_DIR": str(settings.data_dir),
        "TIEOUT_DATABASE_URL": settings.database_url,
        "TIEOUT_SYNC_EVERY_S": str(settings.sync_every_s),
    }


def _start_sandbox(running: contextlib.ExitStack, settings: Settings, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "billcom.sandbox", "--seed", str(seed), "--live"]
    command += ["--live-interval-s", str(HAPPENS_EVERY_S)]
    sandbox = running.enter_context(
        _process(command, _environment(settings), stdout=subprocess.PIPE)
    )
    line = sandbox.stdout.readline() if sandbox.stdout else b""
    if not line:
        raise TieoutError("The pretend BILL did not start: try tieout sandbox to see why.")
    world: dict[str, Any] = json.loads(line)
    return world


def _fill(office: BackOffice, world: dict[str, Any]) -> None:
    for slug, zone, known in zip(SLUGS, ZONES, world["tenants"], strict=True):
        click.echo(f"Reading {known['name']} …", err=True)
        credentials = Credentials(
            organization_id=known["organization_id"],
            username=known["username"],
            developer_key=known["developer_key"],
            password=known["password"],
        )
        new = tenants.NewTenant(
            slug=slug,
            name=known["name"],
            environment=resolve("sandbox", world["base_url"]),
            credentials=credentials,
            time_zone=zone,
            currency="USD",
        )
        connect(office, new, actor="demo")
        report = sync_tenant(office, slug)
        if report.error:
            raise TieoutError(f"The first sync of {slug} failed: {report.error}")
    with office.store.begin() as session:
        for email, role, slugs in PEOPLE:
            for slug in slugs:
                users.add_membership(
                    session,
                    email,
                    tenants.find_tenant(session, slug),
                    role,
                    password=PASSWORD,
                    at=office.clock(),
                    actor="demo",
                )


def _be_told(office: BackOffice, url: str) -> None:
    """Has the pretend BILL tell what happens, so that it shows within seconds."""
    for slug in SLUGS:
        with office.store.read() as session:
            grant = command_line_grant(tenants.find_tenant(session, slug), "demo")
        subscribe(office, grant, url, actor="demo")


def _wait_for_page(url: str, page: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if page.poll() is not None:
            raise TieoutError("The dashboard did not start: try tieout dashboard to see why.")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310 - ours
                return
        except OSError:
            time.sleep(0.2)
    raise TieoutError("The dashboard did not answer within a minute.")


def _print_welcome(url: str, world: dict[str, Any]) -> None:
    names = dict(zip(SLUGS, (known["name"] for known in world["tenants"]), strict=True))
    click.echo(f"\nTieout is at {url}\n")
    for email, role, slugs in PEOPLE:
        where = ", ".join(names[slug] for slug in slugs)
        click.echo(f"  {email:<28} {role:<9} {where}")
    click.echo(f"\nThe password of each: {PASSWORD}\nCtrl-C stops everything.\n")
    sys.stdout.flush()


def _wait_for_the_end(page: subprocess.Popen[bytes]) -> None:
    while page.poll() is None:
        time.sleep(0.2)
    raise TieoutError("The dashboard ended by itself.")


@contextlib.contextmanager
def _stop_signals() -> Iterator[None]:
    """Every usual way to end a program ends this one as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextlib.contextmanager
def _process(
    command: list[str], environment: dict[str, str], *, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a session of its own, so that Ctrl-C reaches only us and we end it in order."""
    log = Path(environment["TIEOUT_DATA_DIR"]) / "demo.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout or file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=8)
