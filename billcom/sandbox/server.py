"""A sandbox running in this process: uvicorn in a thread, on a port of this machine."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from billcom.sandbox.app import sandbox_app
from billcom.sandbox.calls import CallLog
from billcom.sandbox.clock import Clock
from billcom.sandbox.connection import Connection
from billcom.sandbox.control import PATH, Switchboard, control_app
from billcom.sandbox.control_server import Controls
from billcom.sandbox.deliveries import BILLS_PACE, Pace
from billcom.sandbox.faults import Faults
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.limits import Limits
from billcom.sandbox.webhooks import Webhooks
from billcom.sandbox.world import Credentials, World

# A call that is being answered when the server stops gets this long, idle connections nothing.
_GRACE_S = 1


class PortTakenError(Exception):
    """The address cannot be listened on."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        """Names the address and what the system said of it."""
        super().__init__(f"Cannot listen on {host} port {port}: {reason}.")


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. `base_url` ends in /connect, where `/v3/...` goes on."""

    base_url: str
    world: World
    calls: CallLog
    faults: Faults
    webhooks: Webhooks
    control_url: str | None = None

    @property
    def events_url(self) -> str:
        """Where the webhooks' API is, up to /connect-events."""
        return self.base_url + "-events"

    @property
    def tenants(self) -> tuple[Credentials, ...]:
        """What it takes to log in to each tenant."""
        return tuple(tenant.credentials for tenant in self.world.tenants)


@dataclass(frozen=True)
class Address:
    """Where to listen; port 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 0


@contextmanager
def running_sandbox(
    world: World,
    *,
    clock: Clock | None = None,
    limits: Limits | None = None,
    latency_ms: int = 0,
    address: Address = Address(),
    faults: Faults | None = None,
    knobs: Knobs | None = None,
    pace: Pace = BILLS_PACE,
    control: bool = False,
) -> Iterator[Sandbox]:
    """Serve `world` until the block ends.

    `clock` and `knobs` replace the world's own. `limits` None means unlimited; Limits() is what
    BILL allows. `faults` are in force from the start; more can be added to `sandbox.faults` at any
    time. `pace` says how long webhooks wait for an answer and between tries. With `control` the
    control API is there too, for this machine. Raises PortTakenError.
    """
    if clock is not None:
        world.use_clock(clock)
    if knobs is not None:
        world.use_knobs(knobs)
    faults = faults or Faults()
    webhooks = Webhooks(world, faults=faults, pace=pace)
    app, calls = sandbox_app(
        world, limits=limits, faults=faults, webhooks=webhooks, latency_ms=latency_ms
    )
    if control:
        app = Switchboard(app, control_app(Controls(world, faults, calls, webhooks)))
    listener = _listener(address)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connection,
            log_config=None,
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    host, port = listener.getsockname()[:2]
    with listener, webhooks.watching(), _serving(server, listener):
        root = f"http://{host}:{port}"
        control_url = root + PATH if control else None
        yield Sandbox(root + "/connect", world, calls, faults, webhooks, control_url)


def _listener(address: Address) -> socket.socket:
    # Named as TCP, or asyncio would not send small responses at once and each wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise PortTakenError(address.host, address.port, reason) from error
    return listener


@contextmanager
def _serving(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=_GRACE_S + 1)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The sandbox did not start; see standard error.")
        time.sleep(0.005)
