from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from billcom.sandbox.book import Book
from billcom.sandbox.businesses import BUSINESSES, CASCADE, MERIDIAN, PRAIRIE, Business
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.wire import Record, encode
from billcom.sandbox.world import World
from tests.billcom.sandbox.conftest import FRIDAY

Found = Callable[[Book], list[Record]]
NAMES = [business.name for business in BUSINESSES]


@pytest.fixture(params=NAMES)
def book(request: pytest.FixtureRequest, seeded: World) -> Book:
    return seeded.tenant(request.param).book


def snapshot(world: World) -> list[bytes]:
    tables = [table for tenant in world.tenants for table in tenant.book.tables.values()]
    return [encode(record) for table in tables for record in table.values()]


def open_amount(invoice: Record) -> Decimal:
    amount: Decimal = invoice["dueAmount"] + invoice["scheduledAmount"]
    return amount


@pytest.mark.parametrize("business", [CASCADE, MERIDIAN])
def test_the_same_seed_and_instant_give_the_same_world(seeded: World, business: Business) -> None:
    clock = SettableClock(FRIDAY)
    again = seeded_world(7, clock, businesses=[business])
    tenant = seeded.tenant(business.name)
    assert again.tenants[0].credentials == tenant.credentials
    assert snapshot(again) == snapshot(World([tenant], clock))
    assert snapshot(seeded_world(8, clock, businesses=[business])) != snapshot(again)


def test_the_books_have_their_sizes(seeded: World) -> None:
    sizes = [(len(t.book.customers), len(t.book.invoices)) for t in seeded.tenants]
    assert sizes == [(40, 600), (400, 12_000), (60, 1_500)]


def test_credentials_are_plainly_invented(seeded: World) -> None:
    first = seeded.tenants[0].credentials
    assert first.developer_key == "sandbox-devkey-cascade"
    assert (first.username, first.password) == ("desk@cascade.example", "not-a-secret-cascade")
    assert len({t.credentials.organization_id for t in seeded.tenants}) == 3


def test_an_invoices_total_is_its_lines_and_tax(book: Book) -> None:
    for invoice in book.invoices.values():
        unit = book.unit(invoice["customerId"])
        amounts = [
            (line["price"] * line["quantity"]).quantize(unit, ROUND_HALF_UP)
            for line in invoice["invoiceLineItems"]
        ]
        assert invoice["totalAmount"] == sum(amounts) + invoice["salesTaxTotal"]
        assert invoice["totalAmount"] > 0


def test_what_is_due_follows_from_total_credit_and_payments(book: Book) -> None:
    for invoice in book.invoices.values():
        by_status: Counter[str] = Counter()
        for entry in invoice.get("payments", ()):
            by_status[entry["status"]] += entry["amount"]
        assert invoice["scheduledAmount"] == by_status["SCHEDULED"]
        moved = by_status["PAID"] + by_status["SCHEDULED"]
        assert invoice["dueAmount"] == invoice["totalAmount"] - invoice["creditAmount"] - moved
        assert invoice["dueAmount"] >= 0


def test_invoices_and_payments_tell_the_same_story(book: Book) -> None:
    told_by_invoices = Counter(
        (invoice["id"], entry["amount"], entry["status"], entry["date"])
        for invoice in book.invoices.values()
        for entry in invoice.get("payments", ())
    )
    told_by_payments = Counter(
        (part["invoiceId"], part["amount"], payment["status"], part["paymentDate"])
        for payment in book.payments.values()
        for part in payment["invoicePayments"]
    )
    assert told_by_invoices == told_by_payments
    for payment in book.payments.values():
        parts = sum(part["amount"] for part in payment["invoicePayments"])
        assert payment["amount"] == parts + payment["unappliedAmount"]
        for part in payment["invoicePayments"]:
            assert book.invoices[part["invoiceId"]]["customerId"] == payment["customerId"]


def test_credit_memos_and_invoices_agree(book: Book) -> None:
    given: Counter[str] = Counter()
    for memo in book.credit_memos.values():
        assert memo["appliedAmount"] == sum(use["amount"] for use in memo["usage"])
        for use in memo["usage"]:
            given[use["invoiceId"]] += use["amount"]
    credited = {i["id"]: i["creditAmount"] for i in book.invoices.values() if i["creditAmount"]}
    assert given == credited


def test_balances_are_what_is_due_less_what_is_unapplied(book: Book) -> None:
    owed: Counter[str] = Counter()
    for invoice in book.invoices.values():
        if not invoice["archived"]:
            owed[invoice["customerId"]] += invoice["dueAmount"]
    for payment in book.payments.values():
        if payment["status"] == "PAID":
            owed[payment["customerId"]] -= payment["unappliedAmount"]
    for customer in book.customers.values():
        assert customer["balance"]["amount"] == owed[customer["id"]]


def _invoices(admits: Callable[[Record], Any]) -> Found:
    return lambda book: [i for i in book.invoices.values() if admits(i)]


def _payments(admits: Callable[[Record], Any]) -> Found:
    return lambda book: [p for p in book.payments.values() if admits(p)]


def _memos(status: str) -> Found:
    return lambda book: [m for m in book.credit_memos.values() if m["status"] == status]


def _entry_statuses(invoice: Record) -> set[str]:
    return {entry["status"] for entry in invoice.get("payments", ())}


def _paid_days_after_due(invoice: Record) -> int:
    if invoice["status"] != "PAID_IN_FULL" or "payments" not in invoice:
        return -999
    last = date.fromisoformat(invoice["payments"][-1]["date"])
    return (last - date.fromisoformat(invoice["dueDate"])).days


MIX: dict[str, Found] = {
    "paid early": _invoices(lambda i: -30 < _paid_days_after_due(i) < 0),
    "paid on the day": _invoices(lambda i: _paid_days_after_due(i) == 0),
    "paid late": _invoices(lambda i: _paid_days_after_due(i) > 30),
    "paid in part": _invoices(
        lambda i: i["status"] == "PARTIAL_PAYMENT" and "PAID" in _entry_statuses(i)
    ),
    "scheduled": _invoices(lambda i: i["scheduledAmount"]),
    "returned and open": _invoices(
        lambda i: i["dueAmount"] and not i["archived"] and _entry_statuses(i) == {"VOID"}
    ),
    "returned and paid again": _invoices(lambda i: _entry_statuses(i) == {"VOID", "PAID"}),
    "canceled": _payments(lambda p: p["status"] == "CANCELED"),
    "overpaid": _payments(lambda p: p["unappliedAmount"]),
    "returned soon": _payments(
        lambda p: p["status"] == "VOID" and p["updatedTime"][:10] <= _plus(p["paymentDate"], 3)
    ),
    "returned late": _payments(
        lambda p: p["status"] == "VOID" and p["updatedTime"][:10] > _plus(p["paymentDate"], 5)
    ),
    "of several invoices": _payments(lambda p: len(p["invoicePayments"]) > 1),
    "by card with a fee": _payments(
        lambda p: p["receivablesType"] == "CREDIT_CARD" and p["convenienceFeeAmount"]
    ),
    "by check": _payments(lambda p: p["receivablesType"] == "CHECK" and not p["onlinePayment"]),
    "by cash": _payments(lambda p: p["receivablesType"] == "CASH"),
    "by bank transfer": _payments(lambda p: p["receivablesType"] == "ACH" and p["onlinePayment"]),
    "credit used up": _memos("FULLY_APPLIED"),
    "credit used in part": _memos("PARTIALLY_APPLIED"),
    "credit waiting": _memos("NOT_APPLIED"),
    "archived": _invoices(lambda i: i["archived"] and "payments" not in i),
    "archived with a payment": _invoices(lambda i: i["archived"] and "payments" in i),
    "taxed": _invoices(lambda i: i["salesTaxTotal"]),
    "untaxed": _invoices(lambda i: not i["salesTaxTotal"]),
}


def _plus(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("behaviour", MIX)
def test_every_behaviour_is_found(book: Book, behaviour: str) -> None:
    assert MIX[behaviour](book)


def test_most_freight_is_untaxed(book: Book) -> None:
    assert len(MIX["taxed"](book)) < len(book.invoices) / 10


@pytest.mark.parametrize("name", NAMES[1:])
def test_most_open_money_is_young_and_some_is_old(seeded: World, name: str) -> None:
    aged: Counter[str] = Counter()
    for invoice in seeded.tenant(name).book.invoices.values():
        if not invoice["archived"]:
            days = (FRIDAY.date() - date.fromisoformat(invoice["dueDate"])).days
            usd = open_amount(invoice) * invoice.get("exchangeRate", 1)
            aged["young" if days <= 30 else "older" if days <= 90 else "old"] += usd
    assert aged["young"] > 3 * (aged["older"] + aged["old"])
    assert aged["older"] > aged["old"] > 0


def test_every_age_of_debt_is_found_in_the_smallest_book(seeded: World) -> None:
    ages = {
        min(3, max(-1, (FRIDAY.date() - date.fromisoformat(i["dueDate"])).days - 1) // 30)
        for i in seeded.tenant(CASCADE.name).book.invoices.values()
        if open_amount(i) and not i["archived"]
    }
    assert ages >= {-1, 0, 1}


def test_nothing_has_happened_in_the_future_or_before_it_began(book: Book) -> None:
    now = FRIDAY.isoformat(timespec="milliseconds")
    for table in book.tables.values():
        for record in table.values():
            assert record["createdTime"] <= record["updatedTime"] <= now


def test_few_records_were_touched_just_now(book: Book) -> None:
    lately = (FRIDAY - timedelta(minutes=10)).isoformat(timespec="milliseconds")
    for table in book.tables.values():
        assert sum(record["updatedTime"] > lately for record in table.values()) <= 50


def test_invoices_were_made_on_their_date_and_customers_before(book: Book) -> None:
    for invoice in book.invoices.values():
        assert invoice["createdTime"][:10] == invoice["invoiceDate"]
        assert book.customers[invoice["customerId"]]["createdTime"] < invoice["createdTime"]


def test_scheduled_money_arrives_in_the_next_days(book: Book) -> None:
    days = {p["paymentDate"] for p in book.payments.values() if p["status"] == "SCHEDULED"}
    today = book.today().isoformat()
    assert min(days) >= today
    assert max(days) <= _plus(today, 6)


def test_nobody_is_there_twice(book: Book) -> None:
    for field in ("name", "email", "phone", "accountNumber"):
        values = [customer[field] for customer in book.customers.values()]
        assert len(set(values)) == len(values)
    assert all(c["email"].endswith(".example") for c in book.customers.values())
    assert all("-555-01" in c["phone"] for c in book.customers.values())
    numbers = [invoice["invoiceNumber"] for invoice in book.invoices.values()]
    assert len(set(numbers)) == len(numbers)


def test_two_tenants_share_customers_by_name_and_by_nothing_else(seeded: World) -> None:
    small, mid = (seeded.tenant(b.name).book.customers for b in (CASCADE, PRAIRIE))
    names = {c["name"] for c in small.values()} & {c["name"] for c in mid.values()}
    assert len(names) == 4
    assert not set(small) & set(mid)


def test_the_dispatcher_bills_by_the_week(seeded: World) -> None:
    for invoice in seeded.tenant(CASCADE.name).book.invoices.values():
        on = date.fromisoformat(invoice["invoiceDate"])
        assert on.weekday() == 0
        assert 3 <= (date.fromisoformat(invoice["dueDate"]) - on).days <= 7


def test_a_customer_of_the_forwarder_has_one_currency_and_yen_are_whole(seeded: World) -> None:
    book = seeded.tenant(MERIDIAN.name).book
    currencies = {c["invoiceCurrency"] for c in book.customers.values()}
    assert currencies == {"USD", "CAD", "EUR", "JPY"}
    for invoice in book.invoices.values():
        currency = book.customers[invoice["customerId"]]["invoiceCurrency"]
        assert ("exchangeRate" in invoice) == (currency != "USD")
        if currency == "JPY":
            assert invoice["totalAmount"] == invoice["totalAmount"].to_integral_value()


def test_a_customer_keeps_to_its_habit(seeded: World) -> None:
    spreads: list[int] = []
    by_customer: dict[str, list[int]] = {}
    for invoice in seeded.tenant(PRAIRIE.name).book.invoices.values():
        if _entry_statuses(invoice) == {"PAID"} and len(invoice["payments"]) == 1:
            days = _paid_days_after_due(invoice)
            by_customer.setdefault(invoice["customerId"], []).append(days)
    for every in by_customer.values():
        tenth = len(every) // 10
        middle = sorted(every)[tenth : len(every) - tenth]
        spreads.append(middle[-1] - middle[0])
    assert sorted(spreads)[len(spreads) // 2] <= 10


@pytest.mark.parametrize("hour", [0, 7, 16])
def test_the_world_can_begin_at_any_time_of_day(hour: int) -> None:
    now = datetime.combine(date(2027, 1, 4), FRIDAY.timetz()).replace(hour=hour)
    world = seeded_world(3, SettableClock(now), businesses=[CASCADE])
    latest = max(i["createdTime"] for i in world.tenants[0].book.invoices.values())
    assert latest <= now.isoformat(timespec="milliseconds")


def test_failed_payments_are_spread_over_the_months(seeded: World) -> None:
    book = seeded.tenant(PRAIRIE.name).book
    failed = Counter(
        payment["updatedTime"][:7]
        for payment in book.payments.values()
        if payment["status"] in ("VOID", "CANCELED")
    )
    ordinary = sorted(failed.values())[len(failed) // 2]
    assert max(failed.values()) <= 3 * ordinary


def test_every_list_has_something_to_show(book: Book) -> None:
    assert [name for name, table in book.tables.items() if not table] == []
    assert len(book.users) == 4


def test_recurring_invoices_are_written_as_time_goes_by() -> None:
    clock = SettableClock(FRIDAY)
    book = seeded_world(7, clock, businesses=[CASCADE]).tenants[0].book
    templates = len(book.recurring_invoices)
    assert templates >= 3
    assert book.catch_up() == 0
    clock.advance(timedelta(days=4))
    book.catch_up()
    written = [i for i in book.invoices.values() if i["invoiceNumber"] == i["dueDate"]]
    assert len(written) == templates
    assert all(date.fromisoformat(i["invoiceDate"]).weekday() == 0 for i in written)


def test_scheduled_payments_clear_as_time_goes_by() -> None:
    clock = SettableClock(FRIDAY)
    book = seeded_world(7, clock, businesses=[CASCADE]).tenants[0].book
    scheduled = [p["id"] for p in book.payments.values() if p["status"] == "SCHEDULED"]
    clock.advance(timedelta(days=14))
    book.catch_up()
    assert {book.payments[payment_id]["status"] for payment_id in scheduled} == {"PAID"}
