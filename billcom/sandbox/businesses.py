"""The three invented businesses of the seeded world."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from billcom.sandbox.freight import LineMaker, brokerage_lines, dispatch_lines, forwarding_lines
from billcom.sandbox.names import SHARED_CARRIERS, Names


@dataclass(frozen=True)
class Business:
    """What a tenant is and how big its book is. `currencies` gives each one's share."""

    key: str
    name: str
    customers: int
    invoices: int
    terms_days: tuple[int, ...]
    lines: LineMaker
    currencies: Mapping[str, int]
    number_prefix: str
    first_number: int
    is_weekly: bool = False

    def invoice_number(self, position: int) -> str:
        """The number of its invoice at `position`, counted from the oldest."""
        return f"{self.number_prefix}{self.first_number + position}"

    def customer_name(self, names: Names, position: int, currency: str) -> str:
        """The name of its customer number `position`, some shared with another business."""
        if len(self.currencies) > 1:
            return names.trader(currency)
        if position < len(SHARED_CARRIERS):
            return SHARED_CARRIERS[position]
        return names.carrier() if self.is_weekly else names.shipper()


CASCADE = Business(
    key="cascade",
    name="Cascade Dispatch LLC",
    customers=40,
    invoices=600,
    terms_days=(3, 5, 7),
    lines=dispatch_lines,
    currencies={"USD": 1},
    number_prefix="CD-",
    first_number=1001,
    is_weekly=True,
)
PRAIRIE = Business(
    key="prairie",
    name="Prairie Line Logistics",
    customers=400,
    invoices=12_000,
    terms_days=(15, 30, 30, 30, 45),
    lines=brokerage_lines,
    currencies={"USD": 1},
    number_prefix="",
    first_number=410_001,
)
MERIDIAN = Business(
    key="meridian",
    name="Meridian Forwarding Inc",
    customers=60,
    invoices=1_500,
    terms_days=(15, 30, 45),
    lines=forwarding_lines,
    currencies={"USD": 4, "CAD": 2, "EUR": 2, "JPY": 1},
    number_prefix="MF",
    first_number=20_001,
)

BUSINESSES = (CASCADE, PRAIRIE, MERIDIAN)

EXCHANGE_RATES = {"CAD": Decimal("0.7350"), "EUR": Decimal("1.0850"), "JPY": Decimal("0.00671")}


def exchange_rate(rng: random.Random, currency: str) -> Decimal | None:
    """US dollars for one unit, a little different every time; None for dollars."""
    rate = EXCHANGE_RATES.get(currency)
    if rate is None:
        return None
    return (rate * Decimal(rng.randrange(970, 1030)) / 1000).quantize(rate)
