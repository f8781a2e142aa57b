"""The seeded world: three businesses with two years behind them, from one integer and a clock.

The same seed at the same instant gives the same world, ids included; a tenant comes out the same
whether or not the others are built with it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from billcom.sandbox.arithmetic import customer_balance
from billcom.sandbox.book import Book
from billcom.sandbox.businesses import BUSINESSES, Business
from billcom.sandbox.clock import Clock
from billcom.sandbox.credits import write_memos
from billcom.sandbox.furnishings import Furnisher
from billcom.sandbox.history import Historian
from billcom.sandbox.ids import dice
from billcom.sandbox.payers import PayerMaker
from billcom.sandbox.wire import Record
from billcom.sandbox.world import Tenant, World, empty_tenant

DEFAULT_SEED = 7


def seeded_world(
    seed: int, clock: Clock, *, businesses: Collection[Business] = BUSINESSES
) -> World:
    """The world as it stands when `clock` is read; its books go on following `clock`."""
    now = clock()
    return World([_tenant(seed, business, clock, now) for business in businesses], clock)


def _tenant(seed: int, business: Business, clock: Clock, now: datetime) -> Tenant:
    tenant = empty_tenant(business.key, business.name, clock, seed)
    _write_history(seed, business, tenant.book, now)
    return tenant


def _write_history(seed: int, business: Business, book: Book, now: datetime) -> None:
    rng = dice(f"{seed} {business.key} story")
    payers = PayerMaker(rng, business, book, now).payers()
    historian = Historian(rng, business, book, now)
    drafts = historian.drafts(payers)
    write_memos(rng, book, drafts, now)
    historian.pay(drafts)
    historian.close(drafts)
    _balance_all(book)
    Furnisher(dice(f"{seed} {business.key} furnishings"), business, book, now).furnish(payers)


def _balance_all(book: Book) -> None:
    invoices = _by_customer(book.invoices.values())
    payments = _by_customer(book.payments.values())
    for customer_id, customer in list(book.customers.items()):
        amount: Decimal = customer_balance(
            invoices.get(customer_id, ()), payments.get(customer_id, ()), book.unit(customer_id)
        )
        book.customers.put({**customer, "balance": {"amount": amount}})


def _by_customer(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record["customerId"], []).append(record)
    return found
