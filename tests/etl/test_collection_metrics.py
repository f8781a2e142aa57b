"""The speed of collection, against figures worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import UsageError
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl import vector_books
from tests.etl.books import Lineage, at, customer, golden, invoice, payment
from tests.etl.vector_books import paid

Rows = list[dict[str, Any]]
QUARTER_END = "2025-06-30"


def ask(snapshot: Snapshot, metric: str, day: str, **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


def published(path: Path, book: Mapping[str, Sequence[dict[str, Any]]]) -> Snapshot:
    lineage = Lineage(path)
    lineage.load({"customers": [customer("C1")], **book}, "2025-12-31")
    return lineage.publish()


@pytest.fixture(scope="module")
def fixture(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return published(tmp_path_factory.mktemp("golden"), golden())


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return published(tmp_path_factory.mktemp("quarter"), vector_books.quarter())


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return published(tmp_path_factory.mktemp("months"), vector_books.months())


def variants(snapshot: Snapshot, day: str = QUARTER_END, **more: Any) -> dict[str, Any]:
    return {row["variant"]: row["dso"] for row in ask(snapshot, "dso", day, **more)}


def test_dso_is_receivables_in_days_of_sales(quarter: Snapshot) -> None:
    found = variants(quarter)
    assert found["simple"] == Decimal("40.0")
    assert found["best_possible"] == Decimal("30.0")
    assert found["average_ar"] == Decimal("36.67")  # (100 + 120) ÷ 2 ÷ 270 × 90


def test_what_is_late_is_dso_less_the_best_possible(quarter: Snapshot) -> None:
    (row,) = ask(quarter, "average_days_delinquent", QUARTER_END)
    assert row["average_days_delinquent"] == Decimal("10.0")


def test_effectiveness_is_what_was_collected_of_what_could_be(quarter: Snapshot) -> None:
    (row,) = ask(quarter, "cei", QUARTER_END)
    assert (row["cei"], row["months"]) == (Decimal("70.0"), 3)


def test_turnover_is_sales_over_average_receivables(quarter: Snapshot) -> None:
    (row,) = ask(quarter, "ar_turnover", QUARTER_END)
    assert row["ar_turnover"] == Decimal("2.454545")  # 270 ÷ 110


def test_countback_takes_the_last_month_pro_rata(tmp_path: Path) -> None:
    snapshot = published(tmp_path, vector_books.countback())
    assert variants(snapshot)["countback"] == Decimal("76.0")


def test_countback_ends_with_history(tmp_path: Path) -> None:
    """More is owed than was ever invoiced net, as credits took the sales away."""
    old = invoice("I1", "C1", "100.00", "2025-04-15", "2025-05-15")
    gone = invoice(
        "I2", "C1", "50.00", "2025-05-15", "2025-06-15", archived=True, updatedTime=at("2025-06-02")
    )
    memo = {
        "id": "CM1",
        "customerId": "C1",
        "creditDate": "2025-06-10",
        "amount": Decimal("30.00"),
        "archived": False,
        "usage": [],
        "createdTime": at("2025-06-10"),
        "updatedTime": at("2025-06-10"),
    }
    snapshot = published(tmp_path, {"invoices": [old, gone], "credit_memos": [memo]})
    (row,) = (r for r in ask(snapshot, "dso", QUARTER_END) if r["variant"] == "countback")
    assert (row["dso"], row["reason"]) == (None, "history ends first: more than 91 days")


def test_true_and_sales_weighted_dso_go_month_by_month(months: Snapshot) -> None:
    found = variants(months)
    assert found["true"] == Decimal("45.7")
    assert found["sales_weighted"] == Decimal("36.0")


def test_nothing_sold_gives_no_figure_but_a_reason(months: Snapshot) -> None:
    rows = ask(months, "dso", "2025-06-30", from_on=date(2025, 6, 20))
    simple = next(row for row in rows if row["variant"] == "simple")
    assert (simple["dso"], simple["reason"]) == (None, "nothing was invoiced in the period")
    (row,) = ask(months, "average_days_delinquent", "2025-06-30", from_on=date(2025, 6, 20))
    assert row["average_days_delinquent"] is None


def test_a_period_that_begins_after_it_ends_is_refused(months: Snapshot) -> None:
    with pytest.raises(UsageError):
        ask(months, "dso", QUARTER_END, from_on=date(2025, 7, 1))


def test_days_to_pay_weigh_by_amount_and_leave_returns_out(fixture: Snapshot) -> None:
    (row,) = ask(fixture, "days_to_pay", "2025-07-31")
    assert (row["days_to_pay"], row["applied"]) == (Decimal("38.12"), Decimal("850.00"))
    assert (row["median"], row["p90"]) == (12, 49)
    (row,) = ask(fixture, "days_late", "2025-07-31")
    assert (row["days_late"], row["lateness"]) == (Decimal("8.12"), Decimal("13.41"))
    assert (row["median"], row["p90"]) == (-18, 19)


def test_a_payment_counts_until_the_day_it_comes_back(fixture: Snapshot) -> None:
    (before,) = ask(fixture, "days_to_pay", "2025-04-11")
    assert (before["days_to_pay"], before["applied"]) == (Decimal("40.00"), Decimal("300.00"))
    assert ask(fixture, "days_to_pay", "2025-04-12") == []


def test_on_time_is_settled_in_full_by_due_date_and_grace(fixture: Snapshot) -> None:
    found = ask(fixture, "on_time_rate", "2025-07-31", from_on=date(2025, 5, 1))
    assert [(r["currency"], r["on_time"], r["due"], r["on_time_rate"]) for r in found] == [
        ("CAD", Decimal("0.00"), Decimal("2000.00"), Decimal(0)),
        ("USD", Decimal("250.00"), Decimal("1750.00"), Decimal("0.142857")),
    ]


@pytest.mark.parametrize(("grace", "on_time"), [(0, "0.00"), (2, "0.00"), (3, "100.00")])
def test_grace_forgives_days(tmp_path: Path, grace: int, on_time: str) -> None:
    book = {
        "invoices": [invoice("I1", "C1", "100.00", "2025-05-01", "2025-06-01")],
        "receivable_payments": [paid("1", "100.00", "2025-06-04")],
    }
    snapshot = published(tmp_path, book)
    (row,) = ask(snapshot, "on_time_rate", QUARTER_END, grace_days=grace)
    assert row["on_time"] == Decimal(on_time)
    assert ask(snapshot, "on_time_rate", "2025-06-03", grace_days=3) == []


def test_cohorts_are_empty_until_they_are_old_enough(fixture: Snapshot) -> None:
    found = {
        (row["month"], row["currency"]): (row["rate_30"], row["rate_60"], row["rate_90"])
        for row in ask(fixture, "collection_rate", "2025-07-31")
    }
    assert found == {
        ("2025-03", "USD"): (0, 0, 0),
        ("2025-04", "USD"): (0, Decimal("0.6"), Decimal("0.6")),
        ("2025-05", "CAD"): (0, 0, None),
        ("2025-06", "USD"): (Decimal("0.333333"), None, None),
    }
    early = ask(fixture, "collection_rate", "2025-05-29", from_on=date(2025, 4, 1))
    assert early[0]["reason"] == "not known before 2025-05-30"
    assert early[0]["collected_30"] is None


def test_at_risk_is_what_is_open_ninety_days_past_due(fixture: Snapshot) -> None:
    found = ask(fixture, "at_risk_rate", "2025-07-31")
    assert [(row["month"], row["at_risk_rate"]) for row in found] == [
        ("2025-03", 1),
        ("2025-04", Decimal("0.4")),
        ("2025-05", None),
        ("2025-06", None),
    ]


def test_the_age_of_what_is_open(fixture: Snapshot) -> None:
    shares = {
        name: [(row["currency"], row["share"]) for row in ask(fixture, name, "2025-06-30")]
        for name in ("percent_current", "percent_over_91")
    }
    assert shares == {
        "percent_current": [("CAD", 0), ("USD", Decimal("0.517241"))],
        "percent_over_91": [("CAD", 0), ("USD", Decimal("0.206897"))],
    }
    # I1 400 × 60, I2 500 × 0, I4 300 × 91, I6 250 × −20, over 1,450
    found = ask(fixture, "weighted_average_age", "2025-06-30", currency="USD")
    assert [row["weighted_average_age"] for row in found] == [Decimal("31.93")]


def test_nothing_open_has_no_age(tmp_path: Path) -> None:
    book = {
        "invoices": [invoice("I1", "C1", "100.00", "2025-05-01", "2025-06-01")],
        "receivable_payments": [paid("1", "100.00", "2025-06-01")],
    }
    snapshot = published(tmp_path, book)
    for name, cell in (("percent_current", "share"), ("weighted_average_age",) * 2):
        (row,) = ask(snapshot, name, QUARTER_END)
        assert (row[cell], row["reason"]) == (None, "nothing is open")


def test_money_taken_back_is_what_was_applied_last(tmp_path: Path) -> None:
    """30 on the 10th, 70 more on the 20th; 50 moved away on the 25th leave 30 and 20."""
    lineage = Lineage(tmp_path)
    bill = invoice("I1", "C1", "100.00", "2025-05-01", "2025-05-31")
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2025-05-01")
    for applied, day in (
        ("30.00", "2025-05-10"),
        ("100.00", "2025-05-20"),
        ("50.00", "2025-05-25"),
    ):
        part = payment("P1", "C1", "100.00", "2025-05-10", {"I1": applied}, updatedTime=at(day))
        lineage.load({"receivable_payments": [part]}, day)
    snapshot = lineage.publish()
    days = {}
    for day in ("2025-05-19", "2025-05-24", "2025-05-25"):
        (row,) = ask(snapshot, "days_to_pay", day)
        days[day] = (row["applied"], row["days_to_pay"])
    assert days == {
        "2025-05-19": (Decimal("30.00"), Decimal("9.00")),
        "2025-05-24": (Decimal("100.00"), Decimal("16.00")),  # (30 × 9 + 70 × 19) ÷ 100
        "2025-05-25": (Decimal("50.00"), Decimal("13.00")),  # (30 × 9 + 20 × 19) ÷ 50
    }


@pytest.mark.parametrize("edges", [(), (0, 30), (30, 30), (60, 30), tuple(range(1, 14))])
def test_edges_that_make_no_buckets_are_refused(fixture: Snapshot, edges: tuple[int, ...]) -> None:
    if edges:
        with pytest.raises(UsageError):
            ask(fixture, "ar_aging", QUARTER_END, edges=edges)
    else:  # none given are the usual ones
        assert "d91_plus" in ask(fixture, "ar_aging", QUARTER_END, edges=edges)[0]


def test_aging_by_invoice_date_and_other_edges(fixture: Snapshot) -> None:
    (row,) = ask(fixture, "ar_aging", QUARTER_END, currency="USD", basis="invoice", edges=(10, 29))
    assert list(row)[1:6] == ["current", "d1_10", "d11_29", "d30_plus", "gross"]
    amounts = [Decimal(amount) for amount in ("0", "250.00", "500.00", "700.00", "1450.00")]
    assert list(row.values())[1:6] == amounts
