"""Who holds a lease: this process, told apart from any other and known to be alive or not."""

import os
import socket
import uuid
from datetime import datetime

__all__ = ["is_left", "is_surely_dead", "this_owner"]

_START = uuid.uuid4().hex[:8]


def this_owner() -> str:
    """`host:pid:start`, different for every process ever."""
    return f"{socket.gethostname()}:{os.getpid()}:{_START}"


def is_surely_dead(owner: str) -> bool:
    """Whether that owner ran on this host and is gone; its lease need not be waited out.

    False where it cannot be known: then only the lease's end frees what it held.
    """
    host, pid, _start = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return owner != this_owner()
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def is_left(owner: str | None, lease_expires_at: datetime | None, at: datetime) -> bool:
    """Whether nobody holds what this lease is of: there is none, it ended, or its owner is gone."""
    if owner is None or lease_expires_at is None:
        return True
    return lease_expires_at < at or is_surely_dead(owner)


def _is_zombie(pid: int) -> bool:
    # A killed process whose parent has not looked yet still has its number.
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - not a file
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
