"""What the sandbox was asked: a log that tests read to see how a client behaved."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

_CALLS_KEPT = 100_000  # a sandbox left running for days must not fill the memory


@dataclass(frozen=True)
class Call:
    """One call as it was answered. `organization_id` is None where no session was valid.

    `status` is 0 where the connection was cut in place of an answer. `fault` names the kinds of
    fault that hit it, joined by `+`.
    """

    method: str
    path: str
    query: str
    status: int
    organization_id: str | None
    developer_key: str | None
    at: datetime
    fault: str | None = None


class CallLog:
    """Calls in the order they were answered: the latest of them, and how many in `total`.

    `max_in_flight` gives, by (developer key, organization id), the most calls ever open at once,
    those refused for it included.
    """

    def __init__(self, max_in_flight: Mapping[tuple[str, str], int]) -> None:
        """An empty log beside a live view of the most calls in flight."""
        self.max_in_flight = max_in_flight
        self.total = 0
        self._calls: deque[Call] = deque(maxlen=_CALLS_KEPT)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call) -> None:
        """Remember one call."""
        self.total += 1
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls so far."""
        self.total = 0
        self._calls.clear()

    def statuses(self) -> Counter[int]:
        """How many calls were answered with each HTTP status."""
        return Counter(call.status for call in self)
