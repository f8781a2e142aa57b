"""Revenue by item, class, department, location and job: to the cent, wherever lines are filed."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.metrics.catalogue import answer
from etl.metrics.dimensions import DIMENSIONS
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, credit_memo, customer, invoice, payment
from tests.etl.random_books import random_book, records_of

LATE = date(2026, 12, 31)


def line(price: str, quantity: str = "1", **filed: str) -> dict[str, Any]:
    return {
        "price": Decimal(price),
        "quantity": Decimal(quantity),
        **({"classifications": filed} if filed else {}),
    }


def ask(snapshot: Snapshot, metric: str, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, snapshot, Question(as_of=LATE, **more)).records()


def by_id(snapshot: Snapshot, dimension: str, **more: Any) -> dict[tuple[str, str], Any]:
    return {
        (row[f"{dimension}_id"], row["currency"]): (row["invoiced"], row["collected"])
        for row in ask(snapshot, f"revenue_by_{dimension}", **more)
    }


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def test_each_line_counts_where_it_is_filed_and_else_where_its_document_is(
    lineage: Lineage,
) -> None:
    lines = [
        line("100.00", itemId="IT1", departmentId="D1"),
        line("33.335", "3", itemId="IT2"),
        line("9.99"),
    ]
    bill = invoice(
        "I1",
        "C1",
        "220.00",
        "2026-01-05",
        "2026-02-05",
        salesTaxTotal=Decimal("10.00"),
        invoiceLineItems=lines,
        classifications={"departmentId": "D9", "jobId": "J1"},
    )
    half = payment("P1", "C1", "110.00", "2026-01-20", {"I1": "110.00"})
    lineage.load(
        {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [half]},
        "2026-02-01",
    )
    snapshot = lineage.publish()
    assert by_id(snapshot, "item") == {
        ("IT1", "USD"): (Decimal("100.00"), Decimal("50.00")),
        ("IT2", "USD"): (Decimal("100.01"), Decimal("50.01")),
        ("", "USD"): (Decimal("9.99"), Decimal("4.99")),
    }
    assert by_id(snapshot, "department") == {
        ("D1", "USD"): (Decimal("100.00"), Decimal("50.00")),
        ("D9", "USD"): (Decimal("110.00"), Decimal("55.00")),
    }
    assert by_id(snapshot, "job") == {("J1", "USD"): (Decimal("210.00"), Decimal("105.00"))}
    assert by_id(snapshot, "location") == {("", "USD"): (Decimal("210.00"), Decimal("105.00"))}


def test_credit_memos_count_against_what_their_lines_are_filed_under(lineage: Lineage) -> None:
    lines = [
        {"amount": Decimal("30.00"), **line("30.00", itemId="IT1")},
        {"ratePercent": Decimal(-10), "amount": Decimal("-3.00")},
    ]
    memo = credit_memo("CM1", "C1", "27.00", "2026-01-05", creditMemoLineItems=lines)
    lineage.load({"customers": [customer("C1")], "credit_memos": [memo]}, "2026-02-01")
    assert by_id(lineage.publish(), "item") == {
        ("IT1", "USD"): (Decimal("-30.00"), Decimal("0.00")),
        ("", "USD"): (Decimal("3.00"), Decimal("0.00")),
    }


def test_what_lines_are_filed_under_is_shown_by_its_name(tmp_path: Path) -> None:
    """Names come with the lists of items and classes, wherever those were landed."""
    lineage = Lineage(tmp_path)
    bill = invoice(
        "I1",
        "C1",
        "5.00",
        "2026-01-05",
        "2026-02-05",
        invoiceLineItems=[line("5.00", itemId="IT1", accountingClassId="K1")],
    )
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-02-01")
    stamp = {"createdTime": at("2026-01-01"), "updatedTime": at("2026-01-01")}
    lineage.land("items", [{"id": "IT1", "name": "Dispatch fee", "type": "SERVICE", **stamp}])
    lineage.land("accounting_classes", [{"id": "K1", "name": "Reefer", **stamp}])
    snapshot = lineage.publish()
    assert [row["item"] for row in ask(snapshot, "revenue_by_item")] == ["Dispatch fee"]
    assert [row["class"] for row in ask(snapshot, "revenue_by_class")] == ["Reefer"]
    assert [row["job"] for row in ask(snapshot, "revenue_by_job")] == ["not assigned"]


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), first=st.dates(date(2025, 1, 1), date(2025, 12, 1)))
def test_every_dimension_adds_up_to_what_was_invoiced_and_collected(
    tmp_path_factory: pytest.TempPathFactory, seed: int, first: date
) -> None:
    lineage = Lineage(tmp_path_factory.mktemp("book"))
    lineage.load(records_of(random_book(seed)), "2025-12-31")
    snapshot = lineage.publish()
    expected: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for at_, metric in enumerate(("invoiced_by_month", "collected_by_month")):
        for row in ask(snapshot, metric, from_on=first):
            expected[row["currency"]][at_] += row["amount"]
    for dimension in DIMENSIONS:
        found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for (_, currency), amounts in by_id(snapshot, dimension, from_on=first).items():
            for at_, amount in enumerate(amounts):
                found[currency][at_] += amount
        assert found == expected
    snapshot.hub.close()
