"""What to do today, whom to call, and money that waits: by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.collectors import next_step
from etl.metrics.figures import Figures, Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, golden, invoice, payment

D = Decimal
Rows = list[dict[str, Any]]


def figures(snapshot: Snapshot, metric: str, day: str, **more: Any) -> Figures:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more))


def ask(snapshot: Snapshot, metric: str, day: str = "2026-06-30", **more: Any) -> Rows:
    return figures(snapshot, metric, day, **more).records()


def bill(name: str, who: str, amount: str, due: str, **more: Any) -> dict[str, Any]:
    return invoice(name, who, amount, "2026-01-02", due, **more)


def failed(name: str, who: str, amount: str, on: str, to: str, day: str) -> dict[str, Any]:
    record = payment(name, who, amount, on, {to: amount})
    return record | {"status": "VOID", "updatedTime": at(day)}


def scheduled(name: str, who: str, amount: str, on: str, to: str, day: str) -> dict[str, Any]:
    record = payment(name, who, amount, on, {to: amount})
    return record | {"status": "SCHEDULED", "createdTime": at(day), "updatedTime": at(day)}


def book() -> dict[str, list[dict[str, Any]]]:
    """One of everything, in two currencies."""
    return {
        "customers": [customer("C1"), customer("C2", "CAD"), customer("C3")],
        "invoices": [
            bill("NEW", "C1", "100.00", "2026-06-20"),
            bill("TWICE", "C1", "200.00", "2026-01-31"),
            bill("RETRIED", "C3", "300.00", "2026-06-25"),
            bill("OLD", "C3", "400.00", "2026-02-01"),
            bill("OLDER", "C3", "50.00", "2026-01-10"),
            bill("YOUNG", "C3", "60.00", "2026-04-01"),
            bill("KANATA", "C2", "9.00", "2026-02-01"),
        ],
        "receivable_payments": [
            failed("P1", "C1", "100.00", "2026-06-24", "NEW", "2026-06-27"),
            failed("P2", "C1", "200.00", "2026-02-02", "TWICE", "2026-02-04"),
            failed("P3", "C1", "200.00", "2026-02-10", "TWICE", "2026-02-12"),
            failed("P4", "C3", "300.00", "2026-06-20", "RETRIED", "2026-06-22"),
            scheduled("P5", "C3", "300.00", "2026-07-02", "RETRIED", "2026-06-28"),
            payment("P6", "C3", "75.00", "2026-06-10", {}),
            payment("P7", "C2", "5.00", "2026-06-20", {}),
        ],
    }


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("worklist"))
    lineage.load(book(), "2026-06-30")
    return lineage.publish()


def test_a_fresh_failure_comes_first_and_then_the_kinds_in_turn(snapshot: Snapshot) -> None:
    found = [(row["kind"], row["document"]) for row in ask(snapshot, "worklist")]
    assert found == [
        ("failure", "NEW"),
        ("failure", "TWICE"),
        ("overdue", "KANATA"),
        ("overdue", "OLD"),
        ("unapplied", "P7"),
        ("unapplied", "P6"),
        ("overdue", "OLDER"),
    ]


def test_every_row_says_what_is_at_stake_since_when_and_what_to_do(snapshot: Snapshot) -> None:
    rows = {row["document"]: row for row in ask(snapshot, "worklist")}
    said = {name: (r["what"], r["amount"], r["days"], r["next"]) for name, r in rows.items()}
    assert said["NEW"] == (
        "Payment failed",
        D("100.00"),
        3,
        "Ask the bank's reason, then try again",
    )
    assert said["TWICE"] == (
        "Payment failed 2 times",
        D("200.00"),
        138,
        "Agree on another way to pay",
    )
    assert said["OLD"][:3] == ("149 days overdue", D("400.00"), 149)
    assert said["P6"] == ("Unapplied money", D("75.00"), 20, "Apply to OLDER")
    assert (rows["OLD"]["invoice_id"], rows["OLD"]["customer"]) == ("OLD", "Customer C3")


def test_an_attempt_under_way_or_paid_since_leaves_nothing_to_do(snapshot: Snapshot) -> None:
    assert "RETRIED" not in [row["document"] for row in ask(snapshot, "worklist")]
    assert "RETRIED" in [row["document"] for row in ask(snapshot, "worklist", "2026-06-23")]


def test_ninety_days_overdue_are_not_listed_and_ninety_one_are(snapshot: Snapshot) -> None:
    for day, is_listed in (("2026-06-30", False), ("2026-07-01", True)):
        listed = [row["document"] for row in ask(snapshot, "worklist", day)]
        assert ("YOUNG" in listed) is is_listed


def test_a_kind_and_a_number_narrow_the_list_and_the_total_stays(snapshot: Snapshot) -> None:
    found = figures(snapshot, "worklist", "2026-06-30", state="overdue", limit=1)
    assert [row["document"] for row in found.records()] == ["KANATA"]
    assert found.total == 3


def test_totals_are_those_of_the_whole_list(snapshot: Snapshot) -> None:
    found = ask(snapshot, "worklist_totals")
    assert [tuple(row.values()) for row in found] == [
        ("failure", "USD", 2, D("300.00")),
        ("overdue", "CAD", 1, D("9.00")),
        ("overdue", "USD", 2, D("450.00")),
        ("unapplied", "CAD", 1, D("5.00")),
        ("unapplied", "USD", 1, D("75.00")),
    ]


def test_money_without_an_open_invoice_is_asked_about(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    money = payment("P1", "C1", "10.00", "2026-06-01", {})
    lineage.load({"customers": [customer("C1")], "receivable_payments": [money]}, "2026-06-30")
    (row,) = ask(lineage.publish(), "worklist")
    assert row["next"] == "Ask what it is for, or give it back"


def test_unapplied_money_of_the_golden_fixture_is_that_of_its_aging(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    lineage.load(golden(), "2025-08-01")
    snapshot = lineage.publish()
    rows = ask(snapshot, "unapplied_money", "2025-06-30")
    assert {(row["kind"], row["amount"]) for row in rows} == {
        ("Payment", D("75.00")),
        ("Credit memo", D("120.00")),
    }
    aged = ask(snapshot, "ar_aging", "2025-06-30", currency="USD")
    assert -sum(row["amount"] for row in rows) == aged[0]["unapplied"]


def test_customers_to_call_are_ranked_by_what_is_overdue(snapshot: Snapshot) -> None:
    found = ask(snapshot, "collectors_worklist")
    assert [(row["customer_id"], row["overdue_amount"], row["oldest_days"]) for row in found] == [
        ("C2", D("9.00"), 149),
        ("C3", D("810.00"), 171),
        ("C1", D("300.00"), 150),
    ]
    assert {row["next"] for row in found} == {"Call, and hold new work until it is paid"}
    assert figures(snapshot, "collectors_worklist", "2026-06-30", limit=1).total == 3


@pytest.mark.parametrize(
    ("days", "behaviour", "score", "step"),
    [
        (91, "great", "90", "Call, and hold new work until it is paid"),
        (90, "great", "90", "Call and agree on a date"),
        (60, "risk", "10", "Send a second reminder"),
        (30, "risk", "50", "Call: pays late on average"),
        (30, "good", "39", "Call: score below 40"),
        (30, "good", "40", "Send a friendly reminder"),
        (1, "", None, "Send a friendly reminder"),
    ],
)
def test_the_next_step_goes_by_the_oldest_invoice(
    days: int, behaviour: str, score: str | None, step: str
) -> None:
    assert next_step(days, behaviour, D(score) if score else None) == step


def test_buckets_by_customer_add_up_to_the_aging(snapshot: Snapshot) -> None:
    for ways in ({}, {"edges": (7, 100)}, {"basis": "invoice"}):
        totals = {row["currency"]: row for row in ask(snapshot, "ar_aging", **ways)}
        rows = ask(snapshot, "ar_aging_by_customer", **ways)
        for code, total in totals.items():
            for bucket in set(total) - {"currency", "unapplied", "net"}:
                held = sum(row[bucket] for row in rows if row["currency"] == code)
                assert held == total[bucket], (ways, bucket)


def test_the_most_overdue_customer_of_each_currency_comes_first(snapshot: Snapshot) -> None:
    found = figures(snapshot, "ar_aging_by_customer", "2026-06-30", limit=2)
    assert [row["customer_id"] for row in found.records()] == ["C2", "C3"]
    assert (found.records()[1]["overdue"], found.total) == (D("810.00"), 3)
