"""Concentration and payment behaviour, against figures worked out by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import UsageError
from etl.metrics.behaviour import score
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl import vector_books
from tests.etl.books import Lineage, customer, invoice
from tests.etl.vector_books import paid, payer

Rows = list[dict[str, Any]]


def ask(snapshot: Snapshot, metric: str, day: str = "2025-06-30", **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


def published(path: Path, book: dict[str, list[dict[str, Any]]]) -> Snapshot:
    lineage = Lineage(path)
    lineage.load(book, "2025-12-31")
    return lineage.publish()


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return published(tmp_path_factory.mktemp("shares"), vector_books.shares())


@pytest.mark.parametrize("measure", ["revenue", "open"])
def test_shares_of_five_three_and_two_tenths(shares: Snapshot, measure: str) -> None:
    found = ask(shares, "concentration", currency="USD")
    row = next(row for row in found if row["measure"] == measure)
    assert (row["hhi"], row["effective_customers"]) == (Decimal(3800), Decimal("2.63"))
    assert (row["top_1"], row["top_5"], row["top_10"]) == (Decimal("0.5"), 1, 1)
    assert (row["amount"], row["customers"], row["major_customers"]) == (Decimal("1000.00"), 3, 3)


def test_what_is_overdue_is_spread_by_itself(shares: Snapshot) -> None:
    row = next(row for row in ask(shares, "concentration") if row["measure"] == "overdue")
    assert (row["currency"], row["amount"], row["top_1"]) == (
        "USD",
        Decimal("800.00"),
        Decimal("0.625"),
    )


def test_ten_per_cent_is_major_and_less_is_not(tmp_path: Path) -> None:
    amounts = {"C1": "800.00", "C2": "100.00", "C3": "99.99", "C4": "0.01"}
    book = {
        "customers": [customer(who) for who in amounts],
        "invoices": [
            invoice(f"I{who}", who, amount, "2025-05-01", "2025-07-31")
            for who, amount in amounts.items()
        ],
    }
    found = ask(published(tmp_path, book), "customer_shares")
    standing = {row["customer_id"]: row["standing"] for row in found if row["measure"] == "open"}
    assert standing == {"C1": "major", "C2": "major", "C3": "", "C4": ""}


def test_revenue_is_that_of_the_last_year(shares: Snapshot) -> None:
    found = {row["measure"] for row in ask(shares, "concentration", "2026-06-30")}
    assert found == {"open", "overdue"}


def test_the_score_of_a_payer_in_parts(tmp_path: Path) -> None:
    (row,) = ask(published(tmp_path, payer()), "payment_behaviour")
    assert (row["on_time"], row["days_late"], row["failed"]) == (
        Decimal("0.8"),
        Decimal("15.00"),
        Decimal("0.1"),
    )
    assert (row["score"], row["behaviour"], row["settled_invoices"]) == (76, "great", 3)


def test_a_tenant_draws_its_own_classes(tmp_path: Path) -> None:
    snapshot = published(tmp_path, payer())
    (row,) = ask(snapshot, "payment_behaviour", edges=(3, 7, 14))
    assert row["behaviour"] == "risk"
    with pytest.raises(UsageError):
        ask(snapshot, "payment_behaviour", edges=(3, 7))


def test_two_settled_invoices_are_not_enough(tmp_path: Path) -> None:
    book = payer()
    book["receivable_payments"] = book["receivable_payments"][:3]
    (row,) = ask(published(tmp_path, book), "payment_behaviour")
    assert (row["score"], row["behaviour"], row["reason"]) == (None, "", "not enough history")
    # What is open counts to date: 200 for 121 days, of 1,000.
    assert row["days_late"] == Decimal("24.20")


def test_what_is_older_weighs_half_for_every_ninety_days(tmp_path: Path) -> None:
    book = {
        "customers": [customer("C1")],
        "invoices": [
            invoice("I1", "C1", "100.00", "2025-01-01", "2025-06-30"),
            invoice("I2", "C1", "100.00", "2025-01-01", "2025-04-01"),
            invoice("I3", "C1", "100.00", "2025-01-01", "2025-01-01"),
        ],
        "receivable_payments": [
            paid("1", "100.00", "2025-06-30"),
            paid("2", "100.00", "2025-04-01"),
            paid("3", "100.00", "2025-01-08"),
        ],
    }
    (row,) = ask(published(tmp_path, book), "payment_behaviour")
    assert row["on_time"] == Decimal("0.857143")  # 1.5 ÷ 1.75
    assert row["days_late"] == Decimal("1.00")  # ¼ × 7 ÷ 1.75


def test_the_score_runs_from_nothing_to_a_hundred() -> None:
    assert score(Decimal(1), Decimal(-20), Decimal(0)) == 100
    assert score(Decimal(0), Decimal(3650), Decimal(1)) == 0
    assert score(Decimal("0.8"), Decimal(15), Decimal("0.1")) == 76
