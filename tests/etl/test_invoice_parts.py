"""What invoices are made of, how they are narrowed, and how customers are reached and scored."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, credit_memo, customer, golden, invoice, payment

LINES = [
    {"description": "Load 17, Dallas to Denver", "quantity": 2, "price": Decimal("19.125")},
    {"description": "  Fuel  ", "amount": Decimal("61.75"), "classifications": {"itemId": "FUEL"}},
    {"description": "Discount", "ratePercent": Decimal(-10)},
]
MEMO = {
    "appliedAmount": Decimal("20.00"),
    "status": "FULLY_APPLIED",
    "usage": [{"invoiceId": "B1", "amount": Decimal("20.00")}],
}


def book() -> dict[str, list[dict[str, Any]]]:
    reached = {
        "contact": {"firstName": "Elena", "lastName": "Vance"},
        "phone": "515-555-0151",
        "accountNumber": "CA-1034",
        "paymentTermId": "T30",
        "billingAddress": {
            "line1": "4611 Commerce Dr",
            "city": "Des Moines",
            "stateOrProvince": "IA",
            "zipOrPostalCode": "50316",
            "country": "US",
        },
    }
    return {
        "customers": [customer("C1", **reached), customer("C2", archived=True)],
        "invoices": [
            invoice(
                "B1",
                "C1",
                "97.20",
                "2026-01-01",
                "2026-02-03",
                invoiceLineItems=LINES,
                salesTaxTotal=Decimal("7.20"),
                updatedTime=at("2026-01-20"),
                dueAmount=Decimal("27.20"),
            ),
            invoice("B2", "C2", "40.00", "2026-01-05", "2026-01-05", paymentTermId="T15"),
        ],
        "receivable_payments": [
            payment("P1", "C1", "50.00", "2026-01-10", {"B1": "50.00"}, referenceNumber="TX-1"),
            payment(
                "P2",
                "C1",
                "30.00",
                "2026-01-12",
                {"B1": "30.00"},
                status="VOID",
                updatedTime=at("2026-01-15"),
            ),
        ],
        "credit_memos": [credit_memo("CM7", "C1", "20.00", "2026-01-20", **MEMO)],
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("parts"))
    lineage.load(book(), "2026-01-20")
    stamp = {"createdTime": at("2026-01-01"), "updatedTime": at("2026-01-01")}
    terms = [{"id": f"T{n}", "name": f"Net {n}", "daysDue": n, **stamp} for n in (15, 30)]
    lineage.land("payment_terms", terms)
    lineage.land("items", [{"id": "FUEL", "name": "Fuel surcharge", "archived": False, **stamp}])
    return lineage.publish()


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("gold"))
    lineage.load(golden(), "2025-08-01")
    return lineage.publish()


def rows(snapshot: Snapshot, metric: str, as_of: str, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(as_of), **more)).records()


def test_lines_come_as_bill_wrote_them_and_add_up_with_the_tax(written: Snapshot) -> None:
    lines = rows(written, "invoice_lines", "2026-01-31", invoice="B1")
    assert [(r["description"], r["item"], r["quantity"], r["price"], r["rate"]) for r in lines] == [
        ("Load 17, Dallas to Denver", "", "2", "19.125", None),
        ("Fuel", "Fuel surcharge", None, None, None),
        ("Discount", "", None, None, "-10"),
    ]
    assert [str(r["amount"]) for r in lines] == ["38.25", "61.75", "-10.00"]
    (bill,) = rows(written, "invoices", "2026-01-31", invoice="B1")
    total = sum((r["amount"] for r in lines), bill["tax_amount"])
    assert (total, bill["total_amount"]) == (Decimal("97.20"), Decimal("97.20"))


def test_settlements_tell_payments_credits_and_what_was_taken_back(written: Snapshot) -> None:
    found = rows(written, "invoice_settlements", "2026-01-31", invoice="B1")
    assert [
        (str(r["settled_on"]), r["settled_by"], r["document"], str(r["amount"]), r["reversed_on"])
        for r in found
    ] == [
        ("2026-01-20", "credit memo", "CM7", "20.00", None),
        ("2026-01-12", "payment", "P2", "30.00", date(2026, 1, 15)),
        ("2026-01-10", "payment", "TX-1", "50.00", None),
    ]


def test_what_is_taken_back_later_still_counts_on_a_day_before(written: Snapshot) -> None:
    found = rows(written, "invoice_settlements", "2026-01-13", invoice="B1")
    assert [(r["document"], r["reversed_on"]) for r in found] == [("P2", None), ("TX-1", None)]


def test_an_invoice_knows_its_terms_and_how_far_off_them_it_is_due(written: Snapshot) -> None:
    found = {
        r["invoice_number"]: (
            r["payment_term"],
            r["term_of"],
            r["due_by_terms_on"],
            r["days_later"],
        )
        for r in rows(written, "invoices", "2026-01-31")
    }
    assert found == {
        "B1": ("Net 30", "customer", date(2026, 1, 31), 3),
        "B2": ("Net 15", "invoice", date(2026, 1, 20), -15),
    }


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ({"amount_from": Decimal("500.00")}, {"I1", "I2", "I3", "I5"}),
        ({"amount_from": Decimal(500), "amount_to": Decimal(800)}, {"I2", "I5"}),
        ({"from_on": date(2025, 5, 15), "to_on": date(2025, 6, 1)}, {"I2", "I5"}),
        ({"due_from": date(2025, 6, 14), "due_to": date(2025, 6, 30)}, {"I2", "I5"}),
        ({"among": ("I3", "I4", "i3")}, {"I3", "I4"}),
        ({"among": ()}, set()),
        ({"state": "overdue", "amount_to": Decimal(400)}, {"I4"}),
    ],
)
def test_invoices_narrow_by_amounts_and_days_bounds_included(
    gold: Snapshot, narrowed: dict[str, Any], numbers: set[str]
) -> None:
    found = rows(gold, "invoices", "2025-06-30", **narrowed)
    assert {row["invoice_number"] for row in found} == numbers


def test_customers_are_reached_as_bill_says(written: Snapshot) -> None:
    first, second = rows(written, "customer_contacts", "2026-01-31")
    assert first == {
        "customer_id": "C1",
        "customer": "Customer C1",
        "contact": "Elena Vance",
        "email": "c1@carrier.example",
        "phone": "515-555-0151",
        "address": "4611 Commerce Dr, Des Moines, IA 50316, US",
        "account_number": "CA-1034",
        "payment_term": "Net 30",
        "state": "active",
    }
    assert (second["contact"], second["address"], second["state"]) == ("", "", "archived")
    (found,) = rows(written, "customer_contacts", "2026-01-31", search="elena")
    assert found["customer_id"] == "C1"


def test_a_customers_score_in_the_list_is_that_of_their_payment_behaviour(gold: Snapshot) -> None:
    scores = {
        row["customer_id"]: (row["score"], row["behaviour"])
        for row in rows(gold, "payment_behaviour", "2025-08-01")
    }
    for narrowed in ({}, {"search": "c1"}, {"customer": "C3"}, {"limit": 2}):
        for row in rows(gold, "customers", "2025-08-01", **narrowed):
            expected = scores.get(row["customer_id"], (None, ""))
            assert (row["score"], row["behaviour"]) == expected


def test_customers_are_counted_beyond_the_rows_asked_for(gold: Snapshot) -> None:
    found = answer("customers", gold, Question(as_of=date(2025, 8, 1), limit=1))
    assert (len(found.rows), found.total) == (1, 4)
    assert answer("customers", gold, Question(as_of=date(2025, 8, 1), search="nobody")).total == 0


def test_days_and_shares_of_one_customer_are_theirs_in_all(gold: Snapshot) -> None:
    everybody = rows(gold, "customer_shares", "2025-06-30")
    mine = rows(gold, "customer_shares", "2025-06-30", customer="C1")
    assert mine == [row for row in everybody if row["customer_id"] == "C1"]
    assert mine
    (paid,) = rows(gold, "days_to_pay", "2025-06-30", customer="C1")
    assert (str(paid["applied"]), str(paid["days_to_pay"])) == ("600.00", "49.00")
    assert rows(gold, "days_to_pay", "2025-06-30", customer="C3") == []
