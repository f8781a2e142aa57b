"""What each load came to: billed as agreed, not at all, twice, or at another price.

Pure: loads, what invoices' lines name, and what is proposed already are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from etl.billing.dispatch_fees import Contract, Fee, contract_for, fee_of
from etl.fleetflow.customers import Customers, Known
from etl.money import rounded
from etl.store.fleet_loads import StoredLoad

__all__ = ["STATES", "BilledLine", "Judged", "Judging", "State"]

State = Literal["billed", "proposed", "unbilled", "twice", "mispriced"]
STATES: tuple[State, ...] = ("unbilled", "twice", "mispriced", "proposed", "billed")


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of an invoice that names a load, and how many loads it names."""

    invoice_id: str
    invoice_number: str
    customer_id: str
    currency: str
    amount: Decimal
    loads: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A load and what it came to.

    `fee` is what the contract asks, `billed` what lines ask, both in `currency`, that of the load;
    `billed` is None where lines are in another. `difference` is what was billed too much, or, less
    than 0, not at all. `reason` says why it is no simple case.
    """

    load: StoredLoad
    customer: Known | None
    state: State
    currency: str
    fee: Decimal | None
    billed: Decimal | None
    reason: str
    lines: tuple[BilledLine, ...] = ()
    contract: Contract | None = None

    @property
    def difference(self) -> Decimal | None:
        """Billed less the fee; None where either is not known."""
        if self.fee is None or self.billed is None:
            return None
        return self.billed - self.fee

    @property
    def is_billable(self) -> bool:
        """Whether it can be put on an invoice."""
        return self.state == "unbilled" and not self.reason


@dataclass(frozen=True, slots=True)
class Judging:
    """What loads are judged by: contracts, customers, lines by load number, and what keys of
    proposals came to: empty where it is under way or done, else why it is not billed."""

    contracts: Sequence[Contract]
    customers: Customers
    lines: Mapping[str, Sequence[BilledLine]]
    proposals: Mapping[str, str]

    def judge(self, load: StoredLoad) -> Judged:
        """What a load came to."""
        customer, unknown = self.customers.of(load.customer)
        fee = self._fee(load)
        lines = tuple(self.lines.get(load.number, ()))
        if lines:
            return self._billed(load, customer, fee, lines)
        refused = self.proposals.get(load.bill_key or "")
        state: State = "proposed" if load.bill_key and not refused else "unbilled"
        reason = load.fault or unknown or fee.reason or _foreign(load, customer) or refused or ""
        none = Decimal(0)
        return Judged(
            load, customer, state, load.currency, fee.amount, none, reason, (), fee.contract
        )

    def _fee(self, load: StoredLoad) -> Fee:
        if load.fault or load.amount is None or load.delivered_on is None:
            return Fee(None)
        contract = contract_for(self.contracts, load.customer, load.delivered_on)
        fee = fee_of(contract, load.amount, load.currency)
        if fee.amount == 0:
            return Fee(None, contract, "its fee is 0")
        return fee

    def _billed(
        self, load: StoredLoad, customer: Known | None, fee: Fee, lines: tuple[BilledLine, ...]
    ) -> Judged:
        is_foreign = any(line.currency != load.currency for line in lines)
        amounts = [rounded(line.amount, line.currency) for line in lines]
        billed = None if is_foreign else sum(amounts, Decimal(0))
        reason = _wrong(load, customer, fee, lines, billed)
        state: State = "twice" if len(lines) > 1 else "mispriced" if reason else "billed"
        return Judged(
            load, customer, state, load.currency, fee.amount, billed, reason, lines, fee.contract
        )


def _wrong(
    load: StoredLoad,
    customer: Known | None,
    fee: Fee,
    lines: Sequence[BilledLine],
    billed: Decimal | None,
) -> str:
    """What is not as agreed; empty where all is, or nothing can be compared."""
    if len(lines) > 1:
        return f"{len(lines)} lines name it"
    [line] = lines
    if line.currency != load.currency:
        return f"the load is in {load.currency} and the invoice in {line.currency}"
    if customer and line.customer_id != customer.customer_id:
        return "it is billed to another customer"
    if line.loads > 1 or fee.amount is None or billed == fee.amount:
        return ""
    return "the fee is not the contract's"


def _foreign(load: StoredLoad, customer: Known | None) -> str | None:
    if customer and customer.currency != load.currency:
        return f"the load is in {load.currency} and its customer in {customer.currency}"
    return None
