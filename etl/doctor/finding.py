"""What a check finds, and how a failure becomes a finding."""

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from billcom.errors import BillError
from etl.errors import NotAllowedError, SettingsError, StoreError, TieoutError

__all__ = ["Finding", "State", "failed", "ok", "skipped", "told", "warning"]


class State(StrEnum):
    """How it stands. A warning works today; what is skipped was not looked at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """How it stands, what was seen, and what to do about it (empty where there is nothing)."""

    state: State
    saw: str
    fix: str = ""


def ok(saw: str) -> Finding:
    """All is well."""
    return Finding(State.OK, saw)


def warning(saw: str, fix: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(State.WARNING, saw, fix)


def failed(saw: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(State.FAILED, saw, fix)


def skipped(saw: str, fix: str = "") -> Finding:
    """It was not looked at."""
    return Finding(State.SKIPPED, saw, fix)


FIXES: dict[type[Exception], str] = {
    SettingsError: "correct the variable that it names",
    NotAllowedError: "ask an administrator",
    StoreError: "do what it says; the rest is in the runbook under “Back up and restore”",
    TieoutError: "do what it says",
    SQLAlchemyError: "restore the data folder from a backup, or check who else uses the database",
    OSError: "check the data folder, its disk and its permissions",
}


def told(error: Exception, slug: str | None) -> Finding:
    """The failure that an exception is; a tenant's commands are named with its slug."""
    if isinstance(error, BillError):
        command = rf"\1 {slug}" if slug else r"\1"
        return failed(str(error), re.sub(r"(tieout tenant [a-z-]+)", command, error.advice))
    for kind, fix in FIXES.items():
        if isinstance(error, kind):
            reason = getattr(error, "orig", None) or error
            return failed(str(reason).partition("\n")[0], fix)
    kind_name = type(error).__name__
    return failed(f"a fault of Tieout's own ({kind_name})", "tell those who look after Tieout")
