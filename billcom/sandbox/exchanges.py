"""An answer held back whole, to be sent later, changed, or in parts."""

from dataclasses import dataclass, replace

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Answer:
    """What an application answered; nothing of it has gone out yet."""

    start: Message
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether its status is of the 200s."""
        return 200 <= int(self.start["status"]) < 300

    def with_body(self, body: bytes) -> "Answer":
        """The same with another body and the length that goes with it."""
        start = {**self.start, "headers": list(self.start["headers"])}
        MutableHeaders(scope=start)["content-length"] = str(len(body))
        return replace(self, start=start, body=body)

    async def send(self, send: Send) -> None:
        """All of it at once."""
        await self.begin(send)
        await send({"type": "http.response.body", "body": self.body})

    async def begin(self, send: Send) -> None:
        """Status and headers."""
        await send(self.start)

    async def send_part(self, send: Send, part: bytes) -> None:
        """A part of the body, with more to come."""
        await send({"type": "http.response.body", "body": part, "more_body": True})

    async def end(self, send: Send) -> None:
        """Nothing more to come."""
        await send({"type": "http.response.body", "body": b""})


async def captured(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Let `app` answer to nobody."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return Answer(messages[0], b"".join(m.get("body", b"") for m in messages[1:]))
