"""Where BILL is silent: every behaviour that nobody has published, with the one assumed.

Each field of `Knobs` is one of them. A client must get along with all of its values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ORDERS = ("createdTime:asc", "createdTime:desc", "updatedTime:asc", "updatedTime:desc")
_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


class KnobError(ValueError):
    """There is no such knob, or it has no such position; one sentence says which it has."""


def _knob(default: Any, *others: Any, about: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others), "about": about})


def _flag(default: bool, about: str) -> Any:
    return field(default=default, metadata={"choices": (default, not default), "about": about})


def _free(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class Knobs:
    """The positions of all knobs; raises KnobError for one that a knob does not have."""

    rate_limit_status: int = _knob(422, 429, about="status of BDC_1144 and BDC_1322")
    bad_login_status: int = _knob(401, 400, 422, about="status of BDC_1101 and BDC_1102")
    missing_auth: str = _knob(
        "bill", "gateway", about="a missing key or session: BDC_1109 or the gateway's object"
    )
    unknown_id_status: int = _knob(404, 400, 422, about="an id in a path that nobody has")
    unknown_path_status: int = _knob(404, 400, 403, about="status of BDC_1121")
    charge_status: int = _knob(201, 200, about="charging a customer")
    token_may_charge: bool = _flag(False, about="a session made by sync token may charge")
    archived_in_lists: bool = _flag(True, about="lists without a filter on it hold archived rows")
    list_order: str = _knob(*_ORDERS, about="order of a list without sort")
    unknown_filter: str = _knob(
        "refuse", "ignore", about="filters and sorts by fields or operators nobody knows"
    )
    bad_page: str = _knob("refuse", "first_page", about="a page token that is garbage")
    page_tokens_once: bool = _flag(False, about="a page token works one time only")
    page_tokens_bound: bool = _flag(True, about="a page token works with its filters and sort only")
    overpayment: str = _knob(
        "refuse", "unapplied", about="recording more than is due: refused, or the rest unapplied"
    )
    closed_invoice_payment: str = _knob(
        "refuse", "unapplied", about="recording on an archived or fully paid invoice"
    )
    total_below_paid: str = _knob(
        "refuse", "allow", about="changing an invoice to less than is paid on it"
    )
    archive_paid: str = _knob("allow", "refuse", about="archiving an invoice with payments")
    partly_scheduled_status: str = _knob(
        "PARTIAL_PAYMENT", "SCHEDULED", about="an invoice scheduled in part, nothing paid"
    )
    scheduled_entry_date: str = _knob(
        "process", "created", about="date of a scheduled payment in its invoice's payments"
    )
    returned_status: str = _knob("VOID", "CANCELED", about="a payment the bank returned")
    duplicate_number: str = _knob(
        "organization", "customer", "allow", about="within what an invoice number is unique"
    )
    duplicate_customer: str = _knob("allow", "refuse", about="two customers of one name")
    failed_calls_rearm: bool = _flag(True, about="a failed call begins the idle time anew")
    most_sessions: int = _free(0, about="sessions of a user; one more ends the oldest; 0: no end")
    refused_calls_count: bool = _flag(True, about="calls refused by a limit count for the hour")
    mfa_status: str = _knob("DISABLED", "ENABLED", "SETUP", about="mfaStatus of a session")
    time_zone: str = _free("America/Los_Angeles", about="where it is today")
    touch_by_payment: bool = _flag(True, about="a payment moves its invoice's updatedTime")
    webhook_list: str = _knob("results", "bare", about="lists of webhooks: an envelope or an array")
    webhook_refusal_status: int = _knob(
        400, 409, 422, about="the same subscription twice, or an eleventh"
    )
    webhook_dead_letter_s: int = _free(300, about="seconds between tries of a dead letter")
    webhook_dead_letter_tries: int = _free(3, about="tries of a dead letter before disabling")
    webhook_on_payment: bool = _flag(True, about="invoice.updated tells of payments too")
    webhook_version: str = _knob("number", "text", about="metadata.version of an event")

    def __post_init__(self) -> None:
        """Raises KnobError."""
        for knob in fields(self):
            _demand(knob.name, getattr(self, knob.name), knob.metadata.get("choices"))
        if self.most_sessions < 0 or min(self.webhook_dead_letter_s, 0) < 0:
            raise KnobError("most_sessions and webhook_dead_letter_s are not negative.")
        _demand_zone(self.time_zone)

    def turned(self, positions: Mapping[str, Any]) -> "Knobs":
        """With some knobs in other positions, text for numbers and flags accepted."""
        return replace(self, **{name: _position(name, value) for name, value in positions.items()})


def read_position(text: str) -> tuple[str, str]:
    """The two parts of NAME=VALUE; raises KnobError."""
    name, equals, value = text.partition("=")
    if not equals:
        raise KnobError(f"{text!r} is not of the form NAME=VALUE.")
    return name.strip(), value.strip()


def _position(name: str, value: Any) -> Any:
    kinds = {knob.name: type(knob.default) for knob in fields(Knobs)}
    if name not in kinds:
        raise KnobError(f"There is no knob {name!r}.")
    if kinds[name] is bool and isinstance(value, str):
        return _WORDS.get(value.lower(), value)
    if kinds[name] is int and isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value


def _demand(name: str, value: Any, choices: tuple[Any, ...] | None) -> None:
    default = Knobs.__dataclass_fields__[name].default
    if type(value) is not type(default):
        raise KnobError(f"{name} takes {_kind(default)}, not {value!r}.")
    if choices is not None and value not in choices:
        raise KnobError(f"{name} is one of {', '.join(map(str, choices))}, not {value!r}.")


def _kind(default: object) -> str:
    return {bool: "true or false", int: "a whole number"}.get(type(default), "a word")


def _demand_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise KnobError(f"There is no time zone {name!r}.") from None


AS_ASSUMED = Knobs()
