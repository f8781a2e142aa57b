"""What dispatching a load costs its customer: a part of the load or a flat fee, by contract."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from etl.money import rounded

__all__ = ["EVERYBODY", "Contract", "Fee", "contract_for", "fee_of"]

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Contract:
    """What a customer pays for loads delivered from `since` on, until its next contract.

    Either `percent` of the load, no less than `minimum`, or `flat`; amounts in `currency`. The
    customer `*` stands for all that have none of their own yet.
    """

    customer: str
    since: date
    currency: str
    percent: Decimal | None = None
    minimum: Decimal | None = None
    flat: Decimal | None = None

    @property
    def fault(self) -> str | None:
        """What makes no sense of it; None where all does."""
        if (self.percent is None) == (self.flat is None):
            return "needs either percent or flat"
        if self.flat is not None and self.minimum is not None:
            return "has a minimum, which only a percent can have"
        if self.percent is not None and not 0 < self.percent <= 100:
            return "has a percent that is not between 0 and 100"
        if any(a is not None and not 0 < a < 10**9 for a in (self.flat, self.minimum)):
            return "has an amount that is not more than 0"
        return None

    @property
    def words(self) -> str:
        """As a line of an invoice says it."""
        if self.flat is not None:
            return "flat"
        least = f", at least {self.minimum:f}" if self.minimum is not None else ""
        return f"{self.percent:f} %{least}"


@dataclass(frozen=True, slots=True)
class Fee:
    """What a load costs, and by which contract; or the reason why that is not known."""

    amount: Decimal | None
    contract: Contract | None = None
    reason: str | None = None


def contract_for(contracts: Iterable[Contract], customer: str, on: date) -> Contract | None:
    """The newest contract of a customer's own on a day, else the newest that is for everybody."""
    begun = [one for one in contracts if one.since <= on]
    for name in (customer, EVERYBODY):
        own = [one for one in begun if one.customer == name]
        if own:
            return max(own, key=lambda one: one.since)
    return None


def fee_of(contract: Contract | None, amount: Decimal, currency: str) -> Fee:
    """The fee of a load of an amount, half up to its currency's minor unit, once, at the end."""
    if contract is None:
        return Fee(None, None, "no contract covers its delivery")
    if contract.currency != currency:
        said = f"the load is in {currency} and the contract in {contract.currency}"
        return Fee(None, contract, said)
    if contract.flat is not None:
        return Fee(rounded(contract.flat, currency), contract)
    share = amount * (contract.percent or Decimal(0)) / 100
    return Fee(rounded(max(share, contract.minimum or share), currency), contract)
