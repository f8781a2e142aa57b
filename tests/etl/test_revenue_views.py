"""Three views of revenue, the bridge to receivables, and tax by rate."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, golden, invoice, payment

Rows = list[dict[str, Any]]


def ask(snapshot: Snapshot, metric: str, day: str = "2026-12-31", **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


@pytest.fixture(scope="module")
def fixture(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("golden"))
    lineage.load(golden(), "2025-08-01")
    return lineage.publish()


def test_the_three_views_differ_where_something_was_corrected(fixture: Snapshot) -> None:
    found = ask(fixture, "revenue_by_month", "2025-07-31", currency="USD")
    views = {row["month"]: (row["invoiced"], row["collected"], row["recognised"]) for row in found}
    assert views == {
        "2025-03": (300, 0, 300),
        "2025-04": (1000, 0, 1000),
        "2025-05": (800, 600, 0),  # the invoice that was archived in June never was
        "2025-06": (-170, 0, 630),
        "2025-07": (0, 250, 0),
    }
    assert {row["recognised_by"] for row in found} == {"invoice date (proxy)"}
    before = ask(fixture, "revenue_by_month", "2025-06-19", currency="USD")
    assert [row["recognised"] for row in before if row["month"] == "2025-05"] == [800]


def test_revenue_by_customer_adds_up_to_that_by_month(fixture: Snapshot) -> None:
    by_customer = ask(fixture, "revenue_by_customer", "2025-07-31")
    assert [(row["customer_id"], row["invoiced"], row["collected"]) for row in by_customer] == [
        ("C2", 2000, 0),
        ("C1", 1380, 600),
        ("C4", 300, 0),
        ("C3", 250, 250),
    ]


def test_the_bridge_of_the_fixture_closes_on_its_aging(fixture: Snapshot) -> None:
    found = ask(fixture, "revenue_bridge", "2025-07-31")
    assert {(row["difference"], row["reason"]) for row in found} == {(Decimal("0.00"), None)}
    closing = {(row["month"], row["currency"]): row["closing"] for row in found}
    assert closing["2025-06", "USD"] == Decimal("1255.00")
    assert closing["2025-07", "USD"] == Decimal("1005.00")
    assert closing["2025-07", "CAD"] == Decimal("2000.00")
    june = next(row for row in found if row["month"] == "2025-06" and row["currency"] == "USD")
    assert (june["invoiced"], june["credits"], june["on_account"]) == (-50, -120, -75)


def test_the_bridge_names_what_archived_invoices_hold(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    paid = payment("P1", "C1", "40.00", "2026-01-10", {"I1": "40.00"})
    shelved = bill | {"archived": True, "updatedTime": at("2026-02-03")}
    void = paid | {"status": "VOID", "updatedTime": at("2026-03-10")}
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [paid]}
    lineage.load(book, "2026-01-10")
    lineage.load({"invoices": [shelved]}, "2026-02-03")
    lineage.load({"receivable_payments": [void]}, "2026-03-10")
    found = ask(lineage.publish(), "revenue_bridge", "2026-03-31")
    assert [(row["closing"], row["held"], row["difference"]) for row in found] == [
        (60, 0, 0),
        (0, 40, 0),
        (0, -40, 0),
    ]


def test_the_bridge_names_what_is_paid_twice_until_it_comes_back(tmp_path: Path) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    gone = {"status": "VOID", "updatedTime": at("2026-02-05")}
    book = {
        "customers": [customer("C1")],
        "invoices": [bill],
        "receivable_payments": [
            payment("P1", "C1", "100.00", "2026-01-10", {"I1": "100.00"}, **gone),
            payment("P2", "C1", "100.00", "2026-01-30", {"I1": "100.00"}),
        ],
    }
    lineage = Lineage(tmp_path)
    lineage.load(book, "2026-03-10")
    found = ask(lineage.publish(), "revenue_bridge", "2026-02-28")
    assert [(row["closing"], row["held"], row["difference"]) for row in found] == [
        (0, 100, 0),
        (0, -100, 0),
    ]


def test_the_bridge_says_where_it_does_not_close(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    stray = payment("P1", "C1", "100.00", "2026-01-10", {"I9": "100.00"})
    lineage.load({"customers": [customer("C1")], "receivable_payments": [stray]}, "2026-01-10")
    (row,) = ask(lineage.publish(), "revenue_bridge", "2026-01-31")
    assert (row["collected"], row["tax_collected"], row["difference"]) == (-100, 0, 100)
    assert "do not add up" in row["reason"]


def test_tax_goes_by_rate_and_comes_back_with_its_payment(tmp_path: Path) -> None:
    taxed = {"salesTaxTotal": Decimal("7.41"), "salesTaxPercentage": Decimal("8.0")}
    other = {"salesTaxTotal": Decimal("5.00"), "salesTaxPercentage": Decimal("5.25")}
    silent = {"salesTaxTotal": Decimal("1.00")}
    book = {
        "customers": [customer("C1")],
        "invoices": [
            invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20", **taxed),
            invoice("I2", "C1", "100.24", "2026-01-05", "2026-01-20", **other),
            invoice("I3", "C1", "11.00", "2026-01-05", "2026-01-20", **silent),
        ],
        "receivable_payments": [
            payment("P1", "C1", "33.33", "2026-02-01", {"I1": "33.33"}),
            payment("P2", "C1", "33.33", "2026-03-01", {"I1": "33.33"}),
            payment("P3", "C1", "33.34", "2026-04-01", {"I1": "33.34"}),
            payment("P5", "C1", "11.00", "2026-02-02", {"I3": "11.00"}),
            payment(
                "P4",
                "C1",
                "100.24",
                "2026-02-01",
                {"I2": "100.24"},
                status="VOID",
                updatedTime=at("2026-03-02"),
            ),
        ],
    }
    lineage = Lineage(tmp_path)
    lineage.load(book, "2026-04-01")
    snapshot = lineage.publish()
    found = ask(snapshot, "tax_collected")
    assert [(row["month"], row["rate"], row["amount"]) for row in found] == [
        ("2026-02", Decimal("5.25"), Decimal("5.00")),
        ("2026-02", Decimal(8), Decimal("2.47")),
        ("2026-02", None, Decimal("1.00")),
        ("2026-03", Decimal("5.25"), Decimal("-5.00")),
        ("2026-03", Decimal(8), Decimal("2.47")),
        ("2026-04", Decimal(8), Decimal("2.47")),
    ]
    bridge = ask(snapshot, "revenue_bridge")
    assert {row["difference"] for row in bridge} == {0}
    assert sum(row["tax_collected"] for row in bridge) == Decimal("-8.41")


def test_a_later_edit_moves_its_share_of_the_cash_on_its_own_day(tmp_path: Path) -> None:
    """Half of 110 with 10 tax is paid in January; in March the same bill has no tax any more."""
    lineage = Lineage(tmp_path)
    bill = invoice("I1", "C1", "110.00", "2026-01-05", "2026-01-20", salesTaxTotal=Decimal("10.00"))
    paid = payment("P1", "C1", "55.00", "2026-01-10", {"I1": "55.00"})
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [paid]}
    lineage.load(book, "2026-01-10")
    untaxed = bill | {"salesTaxTotal": Decimal("0.00"), "updatedTime": at("2026-03-02")}
    lineage.load({"invoices": [untaxed]}, "2026-03-02")
    snapshot = lineage.publish()
    rows = ask(snapshot, "collected_by_month", "2026-03-31")
    collected = {row["month"]: row["amount"] for row in rows}
    assert collected == {"2026-01": Decimal("50.00"), "2026-03": Decimal("5.00")}
    taxes = ask(snapshot, "tax_collected", "2026-03-31")
    assert [(row["month"], row["amount"]) for row in taxes] == [
        ("2026-01", Decimal("5.00")),
        ("2026-03", Decimal("-5.00")),
    ]
    bridge = ask(snapshot, "revenue_bridge", "2026-03-31")
    assert {(row["difference"], row["reason"]) for row in bridge} == {(0, None)}


def test_what_was_paid_before_its_invoice_goes_by_the_first_total(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    bill = invoice("I1", "C1", "110.00", "2026-02-05", "2026-02-20", salesTaxTotal=Decimal("10.00"))
    paid = payment("P1", "C1", "55.00", "2026-01-10", {"I1": "55.00"})
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [paid]}
    lineage.load(book, "2026-02-10")
    rows = ask(lineage.publish(), "collected_by_month", "2026-03-31")
    assert {row["month"]: row["amount"] for row in rows} == {"2026-01": Decimal("50.00")}


def test_revenue_to_date_stops_the_year_before_at_the_same_day(tmp_path: Path) -> None:
    issued = ("2025-02-27", "2025-03-01", "2026-01-31", "2026-02-10", "2026-02-20")
    invoices = [
        invoice(f"I{n}", "C1", f"{10**n}.00", on, "2026-12-31") for n, on in enumerate(issued)
    ]
    lineage = Lineage(tmp_path / "cascade")
    lineage.load({"customers": [customer("C1")], "invoices": invoices}, "2026-06-01")
    snapshot = lineage.publish()
    invoiced, collected, _ = ask(snapshot, "revenue_to_date", "2026-02-15")
    assert [invoiced[name] for name in ("this_month", "last_month")] == [1000, 100]
    assert (invoiced["this_year"], invoiced["year_before"]) == (1100, 0)
    assert (invoiced["change"], invoiced["reason"]) == (
        None,
        "nothing to compare with in the year before",
    )
    assert (collected["view"], collected["this_year"]) == ("collected", 0)
    (later, *_) = ask(snapshot, "revenue_to_date", "2026-02-28")
    assert (later["this_year"], later["year_before"]) == (11100, 1)
    assert later["change"] == Decimal("11099.000000")


def test_a_leap_day_is_compared_with_the_28th(tmp_path: Path) -> None:
    invoices = [
        invoice("I1", "C1", "1.00", "2027-02-28", "2027-12-31"),
        invoice("I2", "C1", "2.00", "2028-02-29", "2028-12-31"),
    ]
    lineage = Lineage(tmp_path / "cascade")
    lineage.load({"customers": [customer("C1")], "invoices": invoices}, "2028-03-01")
    (leap, *_) = ask(lineage.publish(), "revenue_to_date", "2028-02-29")
    assert (leap["this_year"], leap["year_before"], leap["change"]) == (2, 1, 1)


def test_revenue_to_date_is_the_months_added_up(fixture: Snapshot) -> None:
    found = {row["view"]: row for row in ask(fixture, "revenue_to_date", "2025-07-31")[3:]}
    assert {view: row["this_year"] for view, row in found.items()} == {
        "invoiced": 1930,
        "collected": 850,
        "recognised": 1930,
    }
