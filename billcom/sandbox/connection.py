"""A connection that can be cut: what HTTP servers take care never to do, and networks do."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from uvicorn.protocols.http.h11_impl import H11Protocol

# Lingering for no time at all makes the system send a reset in place of a regular end.
_RESET = struct.pack("ii", 1, 0)

# Cuts the connection of one call. With `reset` the peer finds it reset, and whatever it has not
# yet read is gone; otherwise what was sent arrives and then the connection ends.
HangUp = Callable[..., Awaitable[None]]


class Connection(H11Protocol):
    """uvicorn's connection; the application finds its `hang_up` in the scope's state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The peer has connected."""
        super().connection_made(transport)
        self._lost = asyncio.Event()
        self.app_state = {**self.app_state, "hang_up": self.hang_up}

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, whoever ended it."""
        super().connection_lost(exc)
        self._lost.set()

    async def hang_up(self, *, reset: bool) -> None:
        """End the connection and wait until it has ended."""
        if reset:
            connected = self.transport.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()
        else:
            self.transport.close()
        await self._lost.wait()
