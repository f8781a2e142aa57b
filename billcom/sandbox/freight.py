"""What the three businesses bill for: line items a freight bookkeeper would recognise."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from billcom.sandbox.arithmetic import rounded
from billcom.sandbox.names import US_CITIES, City
from billcom.sandbox.wire import Record

_CENT = Decimal("0.01")
_PORTS = ("Yantian", "Busan", "Hamburg", "Rotterdam", "Kobe", "Vancouver", "Veracruz", "Le Havre")
_COMMODITIES = (
    "produce, reefer",
    "lumber, flatbed",
    "dry van",
    "paper rolls",
    "machinery, step deck",
)
# Rough prices of one US dollar, to keep a container from costing 3,000 yen.
_PER_DOLLAR = {
    "USD": Decimal(1),
    "CAD": Decimal("1.36"),
    "EUR": Decimal("0.92"),
    "JPY": Decimal(149),
}

LineMaker = Callable[[random.Random, date, "Tariff"], list[Record]]


class Tariff:
    """How one customer is billed; drawn once, so that its invoices look alike."""

    def __init__(self, rng: random.Random, currency: str, unit: Decimal) -> None:
        """Draw a tariff in `currency`, whose smallest amount is `unit`."""
        self.currency = currency
        self.unit = unit
        self.is_flat = rng.random() < 0.3
        self.flat_fee = Decimal(rng.randrange(250, 500, 25))
        self.percent = Decimal(rng.choice(("5", "6", "7", "8", "8.5", "10")))
        self.home = rng.choice(US_CITIES)
        self.commodity = rng.choice(_COMMODITIES)
        self.port = rng.choice(_PORTS)

    def local(self, dollars: Decimal) -> Decimal:
        """An amount in dollars as this customer's currency."""
        return rounded(dollars * _PER_DOLLAR[self.currency], self.unit)


def dispatch_lines(rng: random.Random, on: date, tariff: Tariff) -> list[Record]:
    """A week's dispatch fee: flat, or a percentage of every load's gross."""
    if tariff.is_flat:
        friday = on - timedelta(days=(on.weekday() - 4) % 7)
        return [_line(f"Dispatch service, week ending {friday}", tariff.local(tariff.flat_fee))]
    return [_load_fee(rng, tariff) for _ in range(rng.randrange(2, 6))]


def brokerage_lines(rng: random.Random, on: date, tariff: Tariff) -> list[Record]:
    """One load: line haul by the mile, fuel, now and then an accessorial."""
    miles = rng.randrange(180, 1900)
    rate = Decimal(rng.randrange(185, 345)).scaleb(-2)
    lane = f"{_at(tariff.home)} to {_at(rng.choice(US_CITIES))}"
    load = f"Load {on:%y%m}-{rng.randrange(10000, 99999)}, {lane}, {tariff.commodity}"
    lines = [_line(load, rate, miles)]
    lines.append(_line("Fuel surcharge per mile", Decimal(rng.randrange(28, 61)).scaleb(-2), miles))
    if rng.random() < 0.2:
        lines.append(_line("Detention per hour", tariff.local(Decimal(75)), rng.randrange(1, 6)))
    if rng.random() < 0.08:
        lines.append(_line("Lumper", tariff.local(Decimal(rng.randrange(90, 280, 5)))))
    return lines


def forwarding_lines(rng: random.Random, on: date, tariff: Tariff) -> list[Record]:
    """A shipment: ocean or air freight, handling, customs clearance."""
    if rng.random() < 0.6:
        container = f"TGXU{rng.randrange(10**6, 10**7)}"
        text = f"Ocean freight {tariff.port} to Long Beach, container {container}"
        lines = [_line(text, tariff.local(Decimal(rng.randrange(1800, 5200))))]
        lines.append(_line("Terminal handling", tariff.local(Decimal(rng.randrange(220, 410)))))
    else:
        weight = rng.randrange(80, 1400)
        rate = tariff.local(Decimal(rng.randrange(210, 690)).scaleb(-2))
        lines = [_line(f"Air freight per kg, departure {on}", rate, weight)]
    if rng.random() < 0.7:
        lines.append(_line("Customs clearance", tariff.local(Decimal(rng.randrange(95, 190)))))
    return lines


def taxed_line(rng: random.Random, tariff: Tariff) -> Record:
    """Something that is sold and not moved, and so bears sales tax."""
    text = rng.choice(("Pallets, each", "Load bars, pair", "ELD tablet mount", "Shrink wrap, roll"))
    price = tariff.local(Decimal(rng.randrange(12, 60)) + Decimal("0.95"))
    return {**_line(text, price, rng.randrange(1, 13)), "taxable": True}


def _load_fee(rng: random.Random, tariff: Tariff) -> Record:
    gross = Decimal(rng.randrange(900, 5200, 25))
    fee = rounded(gross * tariff.percent / 100, _CENT)
    lane = f"{_at(rng.choice(US_CITIES))} to {_at(rng.choice(US_CITIES))}"
    load = f"Load {rng.randrange(400000, 999999)} {lane}, gross {gross:,.2f} at {tariff.percent}%"
    return _line(load, fee)


def _at(city: City) -> str:
    return f"{city.name}, {city.state}"


def _line(description: str, price: Decimal, quantity: int = 1) -> Record:
    return {"description": description, "price": price, "quantity": quantity}
