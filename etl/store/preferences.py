"""A tenant's own ways to count and to read, kept with it as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from etl.billing.dunning import USUAL_STEPS

__all__ = ["CONTRACT_MODES", "Basis", "ContractMode", "DueDates", "Need", "Preferences"]

Basis = Literal["due", "invoice"]
ContractMode = Literal["accept", "stop"]
Need = Literal["optional", "required"]
DueDates = Literal["terms", "free"]
CONTRACT_MODES: tuple[ContractMode, ...] = ("accept", "stop")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What holds for a tenant where nothing else is asked for.

    `aging_edges` and `behaviour_edges` are the last days of buckets and classes, None for the
    usual ones; `default_terms_days` the due date of an invoice without one; `contracts` the
    resources of which a run stops where BILL's answers change their form, all others being
    accepted with a notice. `rates_url` is the address of a provider of exchange rates, sealed;
    `second_factor` whether its people must have one to sign in; `approve_over` by currency the
    amount over which an action needs a second person. `notices` are the kinds of letters that
    customers get, each with the day from which on; `reply_to` is where their answers go;
    `reminder_steps` days from the due date, `remind_over` by currency what reminders of a customer
    must come to; in `quiet_hours`, from one hour to another, customers get no letters. `sms`
    are the kinds of letters, and of reminders the steps, that go by text message as well, each with
    the day from which on.
    must come to; in `quiet_hours`, from one hour to another, customers get no letters.
    `due_dates` of invoices we make follow payment terms, or are free. `hold_rule` says who
    is held, as etl.billing.hold_rule.HoldRule has it; empty for the rule of the FleetFlow mapping.
    """

    aging_edges: tuple[int, ...] | None = None
    aging_basis: Basis = "due"
    behaviour_edges: tuple[int, ...] | None = None
    grace_days: int = 0
    default_terms_days: int = 30
    contracts: tuple[tuple[str, ContractMode], ...] = ()
    rates_url: str | None = None
    approve_over: tuple[tuple[str, str], ...] = ()
    second_factor: Need = "optional"
    notices: tuple[tuple[str, str], ...] = ()
    reply_to: str | None = None
    reminder_steps: tuple[int, ...] = USUAL_STEPS
    remind_over: tuple[tuple[str, str], ...] = ()
    quiet_hours: tuple[int, int] = (20, 8)
    sms: tuple[tuple[str, str], ...] = ()
    due_dates: DueDates = "terms"
    hold_rule: tuple[tuple[str, int], ...] = ()

    def contract_of(self, resource: str) -> ContractMode:
        """What to do where BILL's records of a resource change their form."""
        return dict(self.contracts).get(resource, "accept")

    def of(self, ways: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """The values of preferences by the names a question has for them."""
        return {name: getattr(self, preference) for name, preference in ways}

    def as_json(self) -> dict[str, Any]:
        """As kept with the tenant: what differs from the usual."""
        usual = asdict(Preferences())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    def for_audit(self) -> dict[str, Any]:
        """The same without what is sealed."""
        known = self.as_json()
        return known | {"rates_url": "sealed"} if self.rates_url else known

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Preferences":
        """What was kept; a name that is no longer known is passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: _frozen(value) for name, value in kept.items() if name in known})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
