"""For whom not to dispatch: by how many fees are unpaid, and how late the oldest is."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["HoldRule", "Override", "Standing"]

Standing = Literal["hold", "watch", "clear"]


@dataclass(frozen=True, slots=True)
class HoldRule:
    """From how many overdue invoices, or days the oldest is late, a customer is held or watched.

    None where that does not count.
    """

    unpaid: int | None = None
    days_late: int | None = None
    watch_unpaid: int | None = None
    watch_days_late: int | None = None

    @property
    def holds_anybody(self) -> bool:
        """Whether there is any way to be held."""
        return self.unpaid is not None or self.days_late is not None

    def judge(self, unpaid: int, days_late: int) -> tuple[Standing, str]:
        """A customer's standing and the reason, empty for whom it is clear."""
        held = _reasons(unpaid, days_late, self.unpaid, self.days_late)
        if held:
            return "hold", held
        watched = _reasons(unpaid, days_late, self.watch_unpaid, self.watch_days_late)
        return ("watch", watched) if watched else ("clear", "")


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody said of a customer in place of the rule, until the end of a day."""

    standing: Standing
    by: str
    until: date
    why: str

    def judged(self) -> tuple[Standing, str]:
        """The standing and the reason, as the rule gives them."""
        verb = "held" if self.standing == "hold" else "released"
        return self.standing, f"{verb} by {self.by} until {self.until}: {self.why}"


def _reasons(unpaid: int, days_late: int, most: int | None, latest: int | None) -> str:
    said = []
    if most is not None and unpaid >= most:
        said.append(f"{unpaid} unpaid, {most} or more")
    if latest is not None and days_late >= latest:
        said.append(f"{days_late} days late, {latest} or more")
    return "; ".join(said)
