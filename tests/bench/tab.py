"""A page open in a browser, as Streamlit's own client holds one: its websocket, its protobuf.

It asks for every message anew and keeps none, so that all a page says is said to it each time.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dashboard.doors import SESSION_COOKIE

__all__ = ["Seen", "Tab", "opened"]

PATIENCE_S = 60.0


@dataclass(slots=True)
class Seen:
    """What came of one run of a page: how long it took, what it said, and what went wrong."""

    seconds: float = 0.0
    said: list[bytes] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def says(self, text: str) -> bool:
        """Whether any message holds a text."""
        sought = text.encode()
        return any(sought in message for message in self.said)


class Tab:
    """One open page. Fragments that run by themselves do so here as well."""

    def __init__(self, socket: ClientConnection, url: str) -> None:
        self._socket = socket
        self._url = url
        self._pages: dict[str, str] = {}
        self._widgets: dict[str, str] = {}
        self._query = ""
        self._page = ""
        self._seen = Seen()
        self._done = asyncio.Event()
        self._clocks: list[asyncio.Task[None]] = []
        self.refreshes: list[float] = []
        self._refreshed_at = 0.0

    async def visit(self, path: str, query: str = "") -> Seen:
        """Goes to a page of this address ("" for the first) and waits until all of it is there."""
        self._stop_clocks()  # as the browser does, before it asks
        state = ClientState(query_string=query)
        if path in self._pages:
            state.page_script_hash = self._pages[path]
        else:
            state.page_name = path
        return await self._run(state)

    async def choose(self, key: str, option: str) -> Seen:
        """Presses an option of a segmented control."""
        return await self._change(key, string_array_value={"data": [option]})

    async def pick_day(self, key: str, day: str) -> Seen:
        """Gives a date input another day, as YYYY/MM/DD."""
        return await self._change(key, string_array_value={"data": [day]})

    async def write(self, key: str, text: str) -> Seen:
        """Writes into a text input."""
        return await self._change(key, string_value=text)

    async def _change(self, key: str, **value: Any) -> Seen:
        state = ClientState(query_string=self._query, page_script_hash=self._page)
        state.widget_states.widgets.append(WidgetState(id=self._widgets[key], **value))
        return await self._run(state)

    async def _run(self, state: ClientState) -> Seen:
        self._seen, begun = Seen(), time.perf_counter()
        self._done.clear()
        await self._send(state)
        async with asyncio.timeout(PATIENCE_S):
            await self._done.wait()
        self._seen.seconds = time.perf_counter() - begun
        return self._seen

    async def _send(self, state: ClientState) -> None:
        about = state.context_info
        about.timezone, about.locale, about.url = "UTC", "en-US", self._url
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    async def listen(self) -> None:
        """Takes in what the server sends, until it closes."""
        try:
            await self._listen()
        finally:
            self._seen.wrong.append("the connection ended")
            self._done.set()

    async def _listen(self) -> None:
        async for data in self._socket:
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            self._seen.said.append(bytes(data))
            kind = message.WhichOneof("type")
            if kind == "new_session" and not message.metadata.run.fragment_ids:
                self._stop_clocks()
            take = getattr(self, f"_on_{kind}", None)
            if take:
                take(getattr(message, kind))

    def _on_navigation(self, sent: Any) -> None:
        self._pages = {
            "" if page.is_default else page.url_pathname: page.page_script_hash
            for page in sent.app_pages
        }
        self._page = sent.page_script_hash

    def _on_page_info_changed(self, sent: Any) -> None:
        self._query = sent.query_string

    def _on_delta(self, sent: Any) -> None:
        kind = sent.WhichOneof("type")
        if kind != "new_element":
            return
        element = sent.new_element.WhichOneof("type")
        drawn = getattr(sent.new_element, element)
        name = getattr(drawn, "id", "")
        if name.startswith("$$ID-"):
            self._widgets[name.split("-", 2)[2]] = name
        if element == "exception" or (element == "alert" and drawn.format == drawn.ERROR):
            self._seen.wrong.append(drawn.message if element == "exception" else drawn.body)

    def _on_auto_rerun(self, sent: Any) -> None:
        self._clocks.append(asyncio.create_task(self._refresh(sent.interval, sent.fragment_id)))

    async def _refresh(self, every_s: float, fragment: str) -> None:
        while True:
            await asyncio.sleep(every_s)
            state = ClientState(query_string=self._query, page_script_hash=self._page)
            state.fragment_id, state.is_auto_rerun = fragment, True
            self._refreshed_at = time.perf_counter()
            with suppress(ConnectionClosed):
                await self._send(state)

    def _on_script_finished(self, status: int) -> None:
        if status == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self.refreshes.append(time.perf_counter() - self._refreshed_at)
        elif status != ForwardMsg.FINISHED_EARLY_FOR_RERUN:  # the run that follows is waited for
            if status != ForwardMsg.FINISHED_SUCCESSFULLY:
                self._seen.wrong.append("the page does not compile")
            self._done.set()

    def _stop_clocks(self) -> None:
        while self._clocks:
            self._clocks.pop().cancel()

    def close(self) -> None:
        """Stops what runs by itself."""
        self._stop_clocks()


@asynccontextmanager
async def opened(url: str, cookie: str) -> AsyncIterator[Tab]:
    """A browser that comes back with its cookie, before it asked for a page."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
    protocols: Any = ["streamlit"]
    async with connect(
        address, additional_headers=headers, subprotocols=protocols, max_size=None, proxy=None
    ) as socket:
        tab = Tab(socket, url)
        listening = asyncio.create_task(tab.listen())
        try:
            yield tab
        finally:
            tab.close()
            listening.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await listening
