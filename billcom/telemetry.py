"""What is told of every call: enough to count and time it, nothing that is secret."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Call", "Observer", "ignore"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that went out. `status` is None where no answer came; `taken_s` is in seconds."""

    method: str
    path: str
    status: int | None
    attempt: int
    taken_s: float


Observer = Callable[[Call], None]


def ignore(_call: Call) -> None:
    """Hears and forgets."""
