"""Which headers pass: all but those of one connection (RFC 9110, 7.6.1) and what only we may say.

What came in is parsed and written anew, so two readings of one request's length cannot arise.
"""

import re
from collections.abc import Iterable

from starlette.types import Scope

__all__ = [
    "COOKIE",
    "Headers",
    "forwarded",
    "has_two_lengths",
    "host_of",
    "passing",
    "process_cookie",
    "process_of",
]

Headers = list[tuple[bytes, bytes]]

COOKIE = "tieout_process"
OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade expect".split()
)
# Anybody can send these; what follows believes them, as they come from here.
OURS_TO_SAY = frozenset(
    b"forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port "
    b"x-forwarded-prefix x-real-ip".split()
)
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def passing(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers that concern whom they are for, and not only the connection they came by."""
    kept = [(name.lower(), value) for name, value in headers]
    named = {
        word.strip().lower()
        for name, value in kept
        if name == b"connection"
        for word in value.split(b",")
    }
    return [(name, value) for name, value in kept if name not in OF_ONE_CONNECTION | named]


def forwarded(scope: Scope) -> Headers:
    """A request's headers, and truthfully who sent it, to which host, and how."""
    kept = [pair for pair in passing(scope["headers"]) if pair[0] not in OURS_TO_SAY]
    client = (scope.get("client") or ("unknown", 0))[0]
    scheme = str(scope["scheme"]).replace("ws", "http", 1)
    said: dict[str, str] = {"for": client, "host": host_of(scope) or "", "proto": scheme}
    return kept + [(f"x-forwarded-{k}".encode(), v.encode("latin-1")) for k, v in said.items()]


def host_of(scope: Scope) -> str | None:
    """The host asked for; None where it is missing, given twice, or no host."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return hosts[0] if len(hosts) == 1 and HOST.fullmatch(hosts[0]) else None


def has_two_lengths(scope: Scope) -> bool:
    """Whether a request says twice how long its body is, which hides another (RFC 9112, 6.1)."""
    names = [name for name, _ in scope["headers"]]
    return b"transfer-encoding" in names and b"content-length" in names


def process_of(scope: Scope) -> str | None:
    """The process that served this browser before."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            found = re.search(rf"(?:^|;\s*){COOKIE}=(\d+)", value.decode("latin-1"))
            if found:
                return found[1]
    return None


def process_cookie(scope: Scope, name: str) -> Headers:
    """What makes a browser come back to a process; nothing where it knows already."""
    if process_of(scope) == name:
        return []
    return [(b"set-cookie", f"{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax".encode())]
