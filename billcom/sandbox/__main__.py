"""The command that runs a sandbox until it is told to stop."""

import signal
import sys
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from billcom.sandbox.clock import Clock, RunningClock, system_clock
from billcom.sandbox.deliveries import Pace
from billcom.sandbox.ids import dice
from billcom.sandbox.knobs import AS_ASSUMED, KnobError, Knobs, read_position
from billcom.sandbox.limits import Limits
from billcom.sandbox.live import Life
from billcom.sandbox.load import LoadError, loaded_world
from billcom.sandbox.seed import DEFAULT_SEED, seeded_world
from billcom.sandbox.server import Address, PortTakenError, Sandbox, running_sandbox
from billcom.sandbox.wire import encode
from billcom.sandbox.world import World

# How often books are brought up to the present where nobody touches them: webhooks are to tell
# of what time does without being asked.
_TICK_S = 1.0


@click.command(name="sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Which world to invent."
)
@click.option(
    "--load",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the NDJSON records in this directory as one tenant, in place of a seeded world.",
)
@click.option(
    "--limits/--no-limits", default=True, show_default=True, help="Enforce BILL's call limits."
)
@click.option("--live/--still", default=False, show_default=True, help="Let things happen.")
@click.option(
    "--live-interval-s",
    type=click.FloatRange(min=0.01),
    default=5.0,
    show_default=True,
    help="Seconds between one thing happening in every tenant and the next.",
)
@click.option(
    "--latency-ms",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Wait this long before answering each call.",
)
@click.option(
    "--rate-limit-status",
    type=click.Choice(["422", "429"]),
    default="422",
    show_default=True,
    help="HTTP status of a call refused for its rate.",
)
@click.option(
    "--webhook-speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Divide the waits between tries of a webhook by this.",
)
@click.option(
    "--control/--no-control",
    default=False,
    show_default=True,
    help="Let this machine change books, clock, faults and knobs below /control.",
)
@click.option(
    "--clock-start",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    metavar="INSTANT",
    help="With --control: begin at this instant, as 2026-09-18T20:30:00Z, in place of now.",
)
@click.option(
    "--knob",
    "knobs",
    metavar="NAME=VALUE",
    multiple=True,
    help="Behave otherwise where BILL is silent; see docs/sandbox.md. May be repeated.",
)
def main(**given: Any) -> None:
    """Run a pretend BILL on this machine until interrupted.

    One JSON line on standard output says where it is and how to log in, once it can answer.

    It is not BILL and proves nothing about BILL; nothing is kept, sent by mail or paid.
    docs/sandbox.md says what it does, what it assumes, and every knob, fault and control path.
    """
    options = Options(**given)
    stop = _stop_on_signals()
    try:
        with _running(options) as sandbox:
            click.echo(_ready_line(sandbox))
            interval_s = options.live_interval_s if options.live else None
            _live_until(stop, sandbox, options.seed, interval_s)
    except (KnobError, LoadError, PortTakenError) as error:
        raise click.ClickException(str(error)) from error


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    host: str
    port: int
    seed: int
    directory: Path | None
    limits: bool
    live: bool
    live_interval_s: float
    latency_ms: int
    rate_limit_status: str
    webhook_speed: float
    control: bool
    clock_start: datetime | None
    knobs: tuple[str, ...]


def _running(options: Options) -> AbstractContextManager[Sandbox]:
    return running_sandbox(
        _world(options.seed, options.directory, _clock(options)),
        control=options.control,
        limits=Limits() if options.limits else None,
        latency_ms=options.latency_ms,
        address=Address(options.host, options.port),
        knobs=_knobs(options.rate_limit_status, options.knobs),
        pace=Pace(speed=options.webhook_speed),
    )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, told)
    signal.signal(signal.SIGTERM, told)
    return stop


def _knobs(rate_limit_status: str, positions: tuple[str, ...]) -> Knobs:
    given = {"rate_limit_status": rate_limit_status} | dict(map(read_position, positions))
    return AS_ASSUMED.turned(given)


def _clock(options: Options) -> Clock:
    if not options.control:
        if options.clock_start is not None:
            raise click.UsageError("--clock-start needs --control.")
        return system_clock
    return RunningClock(options.clock_start or system_clock())


def _world(seed: int, directory: Path | None, clock: Clock) -> World:
    if directory is not None:
        return loaded_world(directory, clock, seed)
    return seeded_world(seed, clock)


def _ready_line(sandbox: Sandbox) -> str:
    tenants = [
        {
            "name": tenant.name,
            "organization_id": tenant.organization_id,
            "developer_key": tenant.developer_key,
            "username": tenant.username,
            "password": tenant.password,
            "sync_token_name": tenant.sync_token_name,
            "sync_token_value": tenant.sync_token_value,
        }
        for tenant in sandbox.tenants
    ]
    urls = {"base_url": sandbox.base_url, "events_url": sandbox.events_url}
    if sandbox.control_url is not None:
        urls["control_url"] = sandbox.control_url
    return encode({**urls, "tenants": tenants}).decode()


def _live_until(
    stop: threading.Event, sandbox: Sandbox, seed: int, interval_s: float | None
) -> None:
    tenants = sandbox.world.tenants
    lives = [
        (t.credentials.name, Life(t.book, dice(f"{seed} life {t.credentials.name}")))
        for t in tenants
    ]
    while not stop.wait(interval_s or _TICK_S):
        for tenant in tenants:
            tenant.book.catch_up()
        for name, life in lives if interval_s else ():
            click.echo(f"{name}: {life.happen() or 'nothing'}", file=sys.stderr)


if __name__ == "__main__":
    main()
