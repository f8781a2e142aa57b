"""What holds of the metrics for any book, any day and any way to count."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.metrics.behaviour import score
from etl.metrics.catalogue import CATALOGUE, answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, golden, invoice, payment
from tests.etl.random_books import random_book, records_of

Rows = list[dict[str, Any]]
Records = Mapping[str, Sequence[dict[str, Any]]]
DUE = date(2025, 3, 1)
DAYS = st.dates(date(2024, 12, 1), date(2026, 6, 30))
EDGES = st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True).map(sorted).map(tuple)
UNITS = st.integers(min_value=1, max_value=10**9).map(lambda cents: Decimal(cents) / 100)
# Amount and days late, earlier than due included.
BILLS = st.lists(st.tuples(UNITS, st.integers(-20, 120)), min_size=3, max_size=6)


def ask(snapshot: Snapshot, metric: str, day: date, **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=day, **more)).records()


@contextmanager
def published(*books: Records) -> Iterator[Snapshot]:
    """All books loaded one after the other, and what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        lineage = Lineage(Path(folder))
        for book in books:
            lineage.load(book, "2025-12-31")
        snapshot = lineage.publish()
        try:
            yield snapshot
        finally:
            snapshot.hub.close()


@pytest.fixture(scope="module")
def year() -> Iterator[Snapshot]:
    with published(records_of(random_book(11))) as snapshot:
        yield snapshot


@settings(max_examples=60, deadline=None)
@given(day=DAYS, edges=EDGES, basis=st.sampled_from(["due", "invoice"]))
def test_any_buckets_hold_the_balance_once(
    year: Snapshot, day: date, edges: tuple[int, ...], basis: str
) -> None:
    usual = {row["currency"]: row for row in ask(year, "ar_aging", day)}
    found = ask(year, "ar_aging", day, edges=edges, basis=basis)
    assert {row["currency"] for row in found} == set(usual)
    for row in found:
        buckets = list(row.values())[1:-3]
        assert len(buckets) == len(edges) + 2
        assert sum(buckets) == row["gross"] == usual[row["currency"]]["gross"]
        assert row["net"] == usual[row["currency"]]["net"]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), day=DAYS)
def test_the_bridge_of_any_book_closes_on_its_aging(seed: int, day: date) -> None:
    with published(records_of(random_book(seed))) as snapshot:
        net = {row["currency"]: row["net"] for row in ask(snapshot, "ar_aging", day)}
        found = ask(snapshot, "revenue_bridge", day)
    assert {(row["difference"], row["reason"]) for row in found} <= {(0, None)}
    closing = {row["currency"]: row["closing"] for row in found}
    assert {code: amount for code, amount in closing.items() if amount} == {
        code: amount for code, amount in net.items() if amount
    }


def bills_of(who: str, bills: Sequence[tuple[Decimal, int]], scale: int = 1) -> Records:
    """Invoices due on one day and a week apart, each paid that many days late."""
    invoices, payments = [], []
    for n, (amount, late) in enumerate(bills):
        due = DUE + timedelta(days=7 * n)
        total, on = str(amount * scale), (due + timedelta(days=late)).isoformat()
        issued = (due - timedelta(days=30)).isoformat()
        invoices.append(invoice(f"{who}I{n}", who, total, issued, due.isoformat()))
        payments.append(payment(f"{who}P{n}", who, total, on, {f"{who}I{n}": total}))
    return {"invoices": invoices, "receivable_payments": payments}


def together(*books: Records, customers: Sequence[dict[str, Any]]) -> Records:
    return {
        "customers": customers,
        "invoices": [record for book in books for record in book["invoices"]],
        "receivable_payments": [r for book in books for r in book["receivable_payments"]],
    }


def scores(snapshot: Snapshot) -> dict[str, Any]:
    found = ask(snapshot, "payment_behaviour", date(2025, 8, 31))
    return {row["customer_id"]: row["score"] for row in found}


@settings(max_examples=5, deadline=None)
@given(bills=BILLS, which=st.integers(0, 5))
def test_paying_later_never_raises_the_score(bills: list[Any], which: int) -> None:
    """One customer for each day that one of the invoices may be late."""
    which %= len(bills)
    lates = [*range(-2, 35), 60, 61, 90, 91, 120]
    books = [
        bills_of(f"C{late + 100}", [*bills[:which], (bills[which][0], late), *bills[which + 1 :]])
        for late in lates
    ]
    customers = [customer(f"C{late + 100}") for late in lates]
    with published(together(*books, customers=customers)) as snapshot:
        found = scores(snapshot)
    points = [found[f"C{late + 100}"] for late in lates]
    assert points == sorted(points, reverse=True)
    assert found["C131"] <= found["C130"]  # 31 days never beat 30


@settings(max_examples=3, deadline=None)
@given(
    bills=BILLS, scale=st.sampled_from([3, 100, 10_000]), order=st.randoms(use_true_random=False)
)
def test_order_scale_and_duplicates_leave_the_score(
    bills: list[Any], scale: int, order: Any
) -> None:
    customers = [customer("C1"), customer("C2"), customer("C3", "JPY")]
    whole = [(amount * 100, late) for amount, late in bills]
    books = [bills_of("C1", whole), bills_of("C2", whole, scale), bills_of("C3", whole, scale)]
    book = together(*books, customers=customers)
    shuffled = {name: order.sample(list(rows), len(rows)) for name, rows in book.items()}
    again = {
        "receivable_payments": [
            record | {"updatedTime": at("2025-11-30")} for record in book["receivable_payments"]
        ]
    }
    with published(book) as plain, published(shuffled, shuffled, again) as twice:
        first, second = scores(plain), scores(twice)
    assert first == second
    assert len(set(first.values())) == 1


SHARES = st.decimals(min_value=0, max_value=1, places=6)


@settings(deadline=None)
@given(on_time=SHARES, failed=SHARES, late=st.decimals(-400, 4000, places=4), more=UNITS)
def test_the_score_falls_with_each_of_its_parts(
    on_time: Decimal, failed: Decimal, late: Decimal, more: Decimal
) -> None:
    points = score(on_time, late, failed)
    assert 0 <= points <= 100
    assert score(on_time, late + more, failed) <= points
    assert score(on_time, late, min(failed + more, Decimal(1))) <= points
    assert score(max(on_time - more, Decimal(0)), late, failed) <= points


NEEDS_MORE = {
    name
    for name, entry in CATALOGUE.items()
    if entry.metric.needs_customer or entry.metric.needs_record or entry.metric.needs_reporting
}
BY_CURRENCY = [
    name
    for name, entry in CATALOGUE.items()
    if name not in NEEDS_MORE and any(c.name == "currency" for c in entry.metric.columns)
]


@pytest.fixture(scope="module")
def alone_and_in_company() -> Iterator[tuple[Snapshot, Snapshot]]:
    """The fixture's US dollars alone, and beside a yen for every cent."""
    book = golden()
    dollars = {
        name: [r for r in rows if r.get("customerId", r["id"]) != "C2"]
        for name, rows in book.items()
    }
    yen = {
        name: [in_yen(record) for record in rows if record.get("customerId", record["id"]) != "C2"]
        for name, rows in book.items()
    }
    both = {name: [*rows, *yen[name]] for name, rows in book.items()}
    with published(dollars) as alone, published(both) as company:
        yield alone, company


def in_yen(record: dict[str, Any]) -> dict[str, Any]:
    changed = {
        name: value * 100 if isinstance(value, Decimal) else value for name, value in record.items()
    }
    if "invoiceCurrency" in record:
        changed["invoiceCurrency"] = "JPY"
    if "invoicePayments" in record:
        changed["invoicePayments"] = [
            {**part, "invoiceId": f"Y{part['invoiceId']}", "amount": part["amount"] * 100}
            for part in record["invoicePayments"]
        ]
    owner = {"customerId": f"Y{record['customerId']}"} if "customerId" in record else {}
    return {**changed, **owner, "id": f"Y{record['id']}"}


@pytest.mark.parametrize("name", BY_CURRENCY)
def test_no_two_currencies_are_ever_added(
    alone_and_in_company: tuple[Snapshot, Snapshot], name: str
) -> None:
    alone, company = alone_and_in_company
    for day in (date(2025, 4, 11), date(2025, 6, 30), date(2025, 7, 31)):
        expected = ask(alone, name, day)
        assert [row for row in ask(company, name, day) if row["currency"] == "USD"] == expected
        if "currency" in CATALOGUE[name].metric.parameters:
            assert ask(company, name, day, currency="USD") == expected
