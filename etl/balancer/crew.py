"""The processes behind the address: started, watched, started again, and stopped together."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

__all__ = ["Crew", "Member"]

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 0.1
START_TAKES_S = 60.0
STOP_TAKES_S = 4.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LIVED_WELL_S = 60.0


@dataclass(slots=True)
class Member:
    """One process: its name is in the cookie of whoever it serves, its port changes with it."""

    name: str
    port: int = 0
    is_ready: bool = False
    sockets: int = 0
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)


class Crew:
    """So many processes of one command, which is told the port to listen on."""

    def __init__(self, command: Callable[[int], Sequence[str]], size: int, folder: Path) -> None:
        self.members = [Member(str(number)) for number in range(1, size + 1)]
        self._command = command
        self._folder = folder
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Crew":
        self._tasks = [asyncio.create_task(self._keep(member)) for member in self.members]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*map(_end, self.members))

    def choose(self, name: str | None) -> Member | None:
        """The member of this name; otherwise the one with the fewest pages open. None if none is
        ready."""
        ready = [member for member in self.members if member.is_ready]
        named = [member for member in ready if member.name == name]
        return min(named or ready, key=lambda member: member.sockets, default=None)

    async def ready(self) -> None:
        """Waits until one member serves."""
        while self.choose(None) is None:
            await asyncio.sleep(LOOK_EVERY_S)

    async def _keep(self, member: Member) -> None:
        """Starts a member again whenever it ends, later and later where it does not live long."""
        loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
        while True:
            begun = loop.time()
            code = await self._live(member)
            pause_s = FIRST_PAUSE_S if loop.time() - begun > LIVED_WELL_S else pause_s * 2
            pause_s = min(pause_s, LONGEST_PAUSE_S)
            said = "dashboard process %s ended with code %s; it is started again in %.0f s"
            LOG.warning(said, member.name, code, pause_s)
            await asyncio.sleep(pause_s)

    async def _live(self, member: Member) -> int:
        member.port = _free_port()
        # In our own process group: whoever ends that, ends all of us.
        process = await asyncio.create_subprocess_exec(
            *self._command(member.port),
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        member.process = process
        ended = asyncio.create_task(process.wait())
        try:
            member.is_ready = await _answers(member.port, ended)
            if not member.is_ready and not ended.done():
                await _end(member)
            return await ended
        finally:
            member.is_ready = False
            ended.cancel()


async def _answers(port: int, ended: asyncio.Task[int]) -> bool:
    """Whether a process comes to listen before it ends, and within a minute."""
    for _ in range(int(START_TAKES_S / LOOK_EVERY_S)):
        if ended.done():
            return False
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(LOOK_EVERY_S)
        else:
            writer.close()
            return True
    return False


async def _end(member: Member) -> None:
    process = member.process
    for stop in ("terminate", "kill"):
        if process is None or process.returncode is not None:
            return
        getattr(process, stop)()
        try:
            await asyncio.wait_for(process.wait(), STOP_TAKES_S)
        except TimeoutError:
            continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
