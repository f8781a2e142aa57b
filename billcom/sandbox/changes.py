"""What changed in a book: told once for each record when an operation is over."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from billcom.sandbox.wire import Record


@dataclass(frozen=True)
class Change:
    """A record before and after one operation; `before` is None for a new one."""

    before: Record | None
    after: Record


Listener = Callable[[Change], None]


class BookLock:
    """The lock around a book, entered again by the thread that has it. When that thread leaves,
    the `listener` hears what changed meanwhile: one change a record, however often it was put.
    """

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.listener: Listener | None = None
        self._lock = threading.RLock()
        self._depth = 0
        self._changes: dict[str, Change] = {}

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._depth == 1:
                self._tell()
        finally:
            self._depth -= 1
            self._lock.release()

    def note(self, before: Record | None, after: Record) -> None:
        """A record was put; what is put outside of an operation is one by itself."""
        if self.listener is None:
            return
        with self:
            first = self._changes.get(after["id"])
            self._changes[after["id"]] = Change(first.before if first else before, after)

    def _tell(self) -> None:
        changes, self._changes = self._changes, {}
        for change in changes.values():
            if self.listener is not None and change.before != change.after:
                self.listener(change)
