"""A tenant's preferences as people say and read them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from etl.errors import UsageError
from etl.extract.plan import PLAN
from etl.metrics.aging import checked_edges
from etl.metrics.days_given import as_count, as_edges
from etl.notices.ways import as_hours, as_reply_to, as_steps, hours_said
from etl.store.preferences import CONTRACT_MODES, ContractMode, Preferences

__all__ = ["RESOURCES", "as_said", "changes_of", "contracts_of"]

RESOURCES = tuple(sorted(step.resource.name for step in PLAN))


def _limits(text: str) -> tuple[tuple[str, str], ...]:
    """Amounts by currency given as USD=5000,CAD=7000; none for an empty text."""
    limits = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        code, _, amount = part.partition("=")
        if not (len(code) == 3 and code.isalpha() and code.isupper() and _is_amount(amount)):
            raise UsageError(f"“{part}” is no limit: give it as CURRENCY=AMOUNT, such as USD=5000.")
        limits[code] = amount
    return tuple(sorted(limits.items()))


def _is_amount(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) <= 20


READ: dict[str, Callable[[str], Any]] = {
    "aging_edges": lambda text: checked_edges(as_edges(text) or ()),
    "aging_basis": str,
    "behaviour_edges": lambda text: checked_edges(as_edges(text) or ()),
    "grace_days": as_count,
    "default_terms_days": as_count,
    "second_factor": str,
    "approve_over": _limits,
    "reply_to": as_reply_to,
    "reminder_steps": as_steps,
    "remind_over": _limits,
    "quiet_hours": as_hours,
    "due_dates": str,
}


def changes_of(said: Mapping[str, str | None]) -> dict[str, Any]:
    """What was said of preferences by their names as values; UsageError where it makes no sense."""
    return {name: READ[name](text) for name, text in said.items() if text is not None}


def contracts_of(known: Preferences, given: Iterable[str]) -> tuple[tuple[str, ContractMode], ...]:
    """Those that were, with the given ones (RESOURCE=accept or RESOURCE=stop) changed."""
    modes = dict(known.contracts)
    for text in given:
        resource, _, said = text.partition("=")
        mode = next((mode for mode in CONTRACT_MODES if mode == said), None)
        if resource not in RESOURCES or mode is None:
            raise UsageError(
                f"“{text}” is no contract: give RESOURCE=accept or RESOURCE=stop, with one of "
                f"{', '.join(RESOURCES)}."
            )
        modes[resource] = mode
    return tuple(sorted(modes.items()))


def as_said(known: Preferences) -> dict[str, str]:
    """Preferences by their names, each as it is typed."""
    return {
        "aging_edges": _days(known.aging_edges, "30,60,90"),
        "aging_basis": known.aging_basis,
        "behaviour_edges": _days(known.behaviour_edges, "15,45,90"),
        "grace_days": str(known.grace_days),
        "default_terms_days": str(known.default_terms_days),
        "second_factor": known.second_factor,
        "approve_over": _limits_said(known.approve_over),
        "reply_to": known.reply_to or "",
        "reminder_steps": ",".join(map(str, known.reminder_steps)),
        "remind_over": _limits_said(known.remind_over),
        "quiet_hours": hours_said(known.quiet_hours),
        "due_dates": known.due_dates,
    }


def _limits_said(limits: tuple[tuple[str, str], ...]) -> str:
    return ",".join(f"{code}={amount}" for code, amount in limits)


def _days(edges: tuple[int, ...] | None, usual: str) -> str:
    return ",".join(map(str, edges)) if edges else usual
