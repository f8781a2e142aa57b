"""Who holds a lease: this process, told apart from any other and known to be alive or not."""

import os
import socket
import uuid

__all__ = ["is_surely_dead", "this_owner"]

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


def _is_zombie(pid: int) -> bool:
    # A killed process whose parent has not looked yet still has its number.
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - not a file
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
