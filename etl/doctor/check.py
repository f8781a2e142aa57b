"""A check, and how a table of them is gone through."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from etl.doctor.finding import Finding, State, skipped, told

__all__ = ["Check", "Row", "go_through"]

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One question, asked where none of the checks it `needs` has failed."""

    name: str
    look: Callable[[Subject], Finding]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A check and what it found; `tenant` is None where it is about the installation."""

    tenant: str | None
    check: str
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """As `tieout doctor --json` prints it."""
        facts = {"state": self.finding.state, "saw": self.finding.saw, "fix": self.finding.fix}
        return {"tenant": self.tenant, "check": self.check, **facts}


def go_through(
    checks: Sequence[Check[Subject]], subject: Subject, tenant: str | None = None
) -> Iterator[Row]:
    """Every check's row, in order; whatever goes wrong is a row as well."""
    unsound: set[str] = set()
    for check in checks:
        missing = [name for name in check.needs if name in unsound]
        if missing:
            finding = skipped(f"not looked at, because of: {', '.join(missing)}")
        else:
            finding = _found(check, subject, tenant)
        if missing or finding.state is State.FAILED:
            unsound.add(check.name)
        yield Row(tenant, check.name, finding)


def _found(check: Check[Subject], subject: Subject, tenant: str | None) -> Finding:
    try:
        return check.look(subject)
    except Exception as error:  # noqa: BLE001 - a doctor tells every fault and goes on
        return told(error, tenant)
