"""A customer's statement leads from one balance to the other, document by document."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.errors import UsageError
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, golden


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("statement"))
    lineage.load(golden(), "2025-08-01")
    return lineage.publish()


def rows(book: Snapshot, metric: str, as_of: str, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, book, Question(as_of=date.fromisoformat(as_of), **more)).records()


def lines(book: Snapshot, customer: str, first: str, last: str) -> list[tuple[str, ...]]:
    found = rows(
        book, "customer_statement", last, customer=customer, from_on=date.fromisoformat(first)
    )
    return [
        (str(row["on"]), row["event"], row["document"], str(row["amount"]), str(row["balance"]))
        for row in found
    ]


def test_it_runs_from_the_opening_to_the_closing_balance(book: Snapshot) -> None:
    assert lines(book, "C1", "2025-05-01", "2025-06-30") == [
        ("2025-05-01", "opening_balance", "", "None", "1000.00"),
        ("2025-05-20", "payment_applied", "I1", "-600.00", "400.00"),
        ("2025-06-01", "invoice_issued", "I2", "500.00", "900.00"),
        ("2025-06-10", "credit_issued", "CM1", "-120.00", "780.00"),
        ("2025-06-30", "closing_balance", "", "None", "780.00"),
    ]


def test_days_without_events_have_both_balances(book: Snapshot) -> None:
    assert lines(book, "C1", "2025-07-01", "2025-07-31") == [
        ("2025-07-01", "opening_balance", "", "None", "780.00"),
        ("2025-07-31", "closing_balance", "", "None", "780.00"),
    ]
    assert lines(book, "C1", "2025-01-01", "2025-01-31") == []


@pytest.mark.parametrize("customer", ["C1", "C2", "C3", "C4"])
@pytest.mark.parametrize("as_of", ["2025-04-11", "2025-06-30", "2025-07-31"])
def test_a_period_closes_where_the_next_one_opens_and_with_the_customers_aging(
    book: Snapshot, customer: str, as_of: str
) -> None:
    last = date.fromisoformat(as_of)
    found = rows(book, "customer_statement", as_of, customer=customer, from_on=date(2025, 1, 1))
    aging = rows(book, "ar_aging", as_of, customer=customer)
    owed = sum((row["net"] for row in aging), Decimal(0))
    assert sum((row["balance"] for row in found[-1:]), Decimal(0)) == owed
    assert sum((row["amount"] or 0) for row in found) == owed
    following = rows(book, "customer_statement", "2025-08-01", customer=customer, from_on=last)
    movements = [row["amount"] for row in following if row["amount"] and row["on"] == last]
    if found:
        assert following[0]["balance"] == found[-1]["balance"] - sum(movements, Decimal(0))


def test_the_customers_agings_add_up_to_the_whole(book: Snapshot) -> None:
    for as_of in ("2025-06-15", "2025-07-31"):
        (usd,) = rows(book, "ar_aging", as_of, currency="USD")
        parts = [
            row
            for customer in ("C1", "C3", "C4")
            for row in rows(book, "ar_aging", as_of, customer=customer)
        ]
        for column in ("current", "d31_60", "d91_plus", "gross", "unapplied", "net"):
            assert sum(row[column] for row in parts) == usd[column]


def test_it_is_asked_of_one_customer_and_of_days_in_order(book: Snapshot) -> None:
    with pytest.raises(UsageError, match="--customer"):
        rows(book, "customer_statement", "2025-06-30")
    with pytest.raises(UsageError, match="first day must not be after"):
        lines(book, "C1", "2025-07-01", "2025-06-30")
