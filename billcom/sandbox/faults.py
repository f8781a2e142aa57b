"""What may go wrong on purpose: which calls are hit, how often, and by what."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from billcom.sandbox.ids import dice

# What a call can be hit by, and the HTTP status it is answered with unless the fault says another.
CALL_KINDS: dict[str, int | None] = {
    "status": 503,
    "hour_limit": None,
    "concurrency_limit": None,
    "html": 503,
    "empty": 503,
    "gateway": 401,
    "reset": None,
    "lost_answer": None,
    "slow": None,
    "truncated": None,
    "drip": None,
    "expired_session": None,
    "duplicate_error": None,
    "clock_skew": None,
    "unknown_field": None,
    "unknown_enum": None,
}
WEBHOOK_KINDS = frozenset(
    {
        "webhook_duplicate",
        "webhook_reorder",
        "webhook_forge",
        "webhook_drop",
        "webhook_delay",
    }
)
KINDS = frozenset(CALL_KINDS) | WEBHOOK_KINDS
# These alter an answer and leave room for another fault on the same call.
_MILD = frozenset({"slow", "drip", "clock_skew", "unknown_field", "unknown_enum"})


class FaultError(ValueError):
    """The fault makes no sense; one sentence says why."""


@dataclass(frozen=True)
class Fault:
    """One kind of mishap and whom it hits.

    `path` is a regular expression matched from the start of the path below /connect or
    /connect-events (`/v3/invoices`), for webhook kinds of the event's type. `rate` is the chance
    of a matching call to be hit, after the first `skip` of them; after `count` hits it is over.
    `delay_s` are the seconds of slow, drip, clock_skew and webhook_delay. `when` says whether the
    endpoint does its work first (after) or never (before). `status` None is the kind's usual one.
    """

    kind: str
    path: str = ".*"
    method: str | None = None
    rate: float = 1.0
    count: int | None = None
    skip: int = 0
    status: int | None = None
    delay_s: float = 0.0
    when: str = "before"

    def __post_init__(self) -> None:
        """Raises FaultError."""
        for is_wrong, sentence in _objections(self):
            if is_wrong:
                raise FaultError(sentence)

    @property
    def answer_status(self) -> int:
        """The HTTP status of an answer made up by this fault."""
        return self.status or CALL_KINDS.get(self.kind) or 503

    def concerns(self, method: str, path: str) -> bool:
        """Whether a call, or for webhook kinds an event, is one this fault is meant for."""
        return self.method in (None, method) and re.match(self.path, path) is not None


@dataclass(frozen=True)
class ActiveFault:
    """A fault in force: how many calls it concerned so far and how many of them it hit."""

    id: int
    fault: Fault
    seen: int = 0
    fired: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has hit as often as it may."""
        return self.fault.count is not None and self.fired >= self.fault.count


class Faults:
    """The faults in force, first added first asked. Any thread may call."""

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        """Chance is drawn from a generator of this seed."""
        self._lock = threading.Lock()
        self._rng = dice(f"{seed} faults")
        self._active: dict[int, ActiveFault] = {}
        self._last_id = 0
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> int:
        """Put a fault in force; returns its id."""
        with self._lock:
            self._last_id += 1
            self._active[self._last_id] = ActiveFault(self._last_id, fault)
            return self._last_id

    def remove(self, fault_id: int) -> None:
        """End a fault; raises KeyError."""
        with self._lock:
            del self._active[fault_id]

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._active.clear()

    def list(self) -> tuple[ActiveFault, ...]:
        """All faults added and not removed, spent ones too."""
        with self._lock:
            return tuple(self._active.values())

    def draw(self, method: str, path: str) -> tuple[Fault, ...]:
        """What hits this call: any number of mild faults, at most one other, which comes last."""
        return self._drawn(method, path, lambda kind: kind in CALL_KINDS)

    def draw_webhook(self, event_type: str) -> tuple[Fault, ...]:
        """What hits the delivery of an event of this type; each kind by itself."""
        return self._drawn("POST", event_type, lambda kind: kind in WEBHOOK_KINDS)

    def _drawn(self, method: str, path: str, is_meant: Callable[[str], bool]) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(self._fire(method, path, is_meant))

    def _fire(self, method: str, path: str, is_meant: Callable[[str], bool]) -> Iterator[Fault]:
        for active in tuple(self._active.values()):
            fault = active.fault
            if not is_meant(fault.kind) or not fault.concerns(method, path):
                continue
            hits = not active.is_spent and active.seen >= fault.skip and self._falls(fault.rate)
            self._active[active.id] = replace(
                active, seen=active.seen + 1, fired=active.fired + hits
            )
            if hits:
                yield fault
                if fault.kind in CALL_KINDS and fault.kind not in _MILD:
                    return

    def _falls(self, rate: float) -> bool:
        return self._rng.random() < rate


def _objections(fault: Fault) -> Iterator[tuple[bool, str]]:
    yield fault.kind not in KINDS, f"There is no fault {fault.kind!r}; see docs/sandbox.md."
    yield fault.when not in ("before", "after"), "A fault's when is before or after."
    yield not 0 <= fault.rate <= 1, "A fault's rate is between 0 and 1."
    yield fault.skip < 0 or (fault.count or 0) < 0, "A fault's skip and count are not negative."
    yield fault.delay_s < 0 and fault.kind != "clock_skew", "A fault's delay_s is not negative."
    status = fault.status
    yield status is not None and not 200 <= status <= 599, "A fault's status is from 200 to 599."
    yield not _is_pattern(fault.path), f"{fault.path!r} is not a regular expression."


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
