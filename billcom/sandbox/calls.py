"""What the sandbox was asked: a log that tests read to see how a client behaved."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from billcom.sandbox.limits import Tally

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
    """Calls in the order they were answered: the latest of them, and how many in `total`."""

    def __init__(self, tally: Tally) -> None:
        """An empty log beside a live view of what the limits count."""
        self._tally = tally
        self.total = 0
        self._calls: deque[Call] = deque(maxlen=_CALLS_KEPT)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def max_in_flight(self) -> Counter[tuple[str, str]]:
        """The most calls ever open at once, those refused for it included, by (developer key,
        organization id).
        """
        return self._tally.max_in_flight

    @property
    def per_hour(self) -> Counter[tuple[datetime, str]]:
        """How many calls counted in an hour, by (its start in UTC, developer key)."""
        return self._tally.calls.by_hour

    @property
    def logins_per_hour(self) -> Counter[tuple[datetime, str]]:
        """How many logins were tried in an hour, by (its start in UTC, developer key)."""
        return self._tally.logins.by_hour

    @property
    def violations(self) -> Counter[str]:
        """How often a limit refused a call, by its code: BDC_1144, BDC_1322."""
        return self._tally.violations

    def add(self, call: Call) -> None:
        """Remember one call."""
        self.total += 1
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls so far; what an hour has used up stays used up."""
        self._tally.forget_peaks()
        self.total = 0
        self._calls.clear()

    def statuses(self) -> Counter[int]:
        """How many calls were answered with each HTTP status."""
        return Counter(call.status for call in self)
