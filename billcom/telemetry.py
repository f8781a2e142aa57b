"""What is told of every call: enough to count and time it, nothing that is secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Call", "Observer", "ignore"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that went out at `at`; a second try of the same request is another.

    `endpoint` is the method and the path with names in place of ids; `status` is None where no
    answer came; `error` is the error's class, empty where the call succeeded. `waited_s` went by
    before the call was let out, `taken_s` from then until its answer was read.
    """

    at: datetime
    endpoint: str
    status: int | None
    codes: tuple[str, ...]
    error: str
    attempt: int
    waited_s: float
    taken_s: float
    size_bytes: int


Observer = Callable[[Call], None]


def ignore(_call: Call) -> None:
    """Hears and forgets."""
