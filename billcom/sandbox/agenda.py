"""What a book has yet to let happen: each thing with its instant, in the order of time."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Happening = Callable[[], object]


class Agenda:
    """Happenings to come. Nothing happens by itself: whoever touches the book takes what is due."""

    def __init__(self) -> None:
        """Nothing is planned."""
        self._order = count()
        self._entries: list[tuple[datetime, int, Happening]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, at: datetime, happening: Happening) -> None:
        """Plan `happening` for the instant `at`; it must bear that the book has changed by then."""
        heapq.heappush(self._entries, (at, next(self._order), happening))

    def take(self, now: datetime) -> tuple[datetime, Happening] | None:
        """The earliest happening due by `now`, taken off the agenda; None when there is none."""
        if not self._entries or self._entries[0][0] > now:
            return None
        at, _, happening = heapq.heappop(self._entries)
        return at, happening

    def clear(self) -> None:
        """Let nothing of it happen: the book stays as it is until somebody changes it."""
        self._entries.clear()
