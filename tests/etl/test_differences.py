"""Sales tax that does not follow from its lines, and due dates that do not from their terms."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from tests.etl.books import Lineage, at, customer, invoice

LATE = date(2026, 12, 31)


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(lineage: Lineage, metric: str, **more: Any) -> list[dict[str, Any]]:
    return answer(metric, lineage.publish(), Question(as_of=LATE, **more)).records()


def taxed(
    name: str, tax: str, *lines: tuple[str, bool | None], rate: str = "8.25"
) -> dict[str, Any]:
    items = [
        {"price": Decimal(price), "quantity": 1}
        | ({} if is_taxable is None else {"taxable": is_taxable})
        for price, is_taxable in lines
    ]
    total = sum((Decimal(price) for price, _ in lines), Decimal(tax))
    more = {"salesTaxTotal": Decimal(tax), "salesTaxPercentage": Decimal(rate)}
    dates = ("2026-01-05", "2026-02-04")
    return invoice(name, "C1", str(total), *dates, invoiceLineItems=items, **more)


def test_tax_is_recomputed_of_the_taxable_lines_and_rounded_once(lineage: Lineage) -> None:
    bills = [
        taxed("RIGHT", "8.25", ("100.00", True), ("50.00", False)),
        taxed("HALF", "0.01", ("0.10", True), ("0.02", True)),  # 0.0099 is a cent, once rounded
        taxed("WRONG", "12.38", ("100.00", True), ("50.00", False)),
        taxed("NONE", "0.00", ("100.00", False)),
    ]
    lineage.load({"customers": [customer("C1")], "invoices": bills}, "2026-02-01")
    (row,) = ask(lineage, "tax_differences")
    assert (row["invoice_number"], row["computed_tax"], row["bill_tax"], row["difference"]) == (
        "WRONG",
        Decimal("8.25"),
        Decimal("12.38"),
        Decimal("4.13"),
    )


def test_where_bill_does_not_say_what_is_taxed_only_too_much_is_a_difference(
    lineage: Lineage,
) -> None:
    bills = [
        taxed("SOME", "4.00", ("100.00", None)),
        taxed("ALL", "8.25", ("100.00", None)),
        taxed("MORE", "8.26", ("100.00", None)),
    ]
    lineage.load({"customers": [customer("C1")], "invoices": bills}, "2026-02-01")
    (row,) = ask(lineage, "tax_differences")
    assert (row["invoice_number"], row["counted"]) == ("MORE", "all lines at most")


def test_due_dates_are_held_against_the_invoices_terms_and_else_the_customers(
    lineage: Lineage,
) -> None:
    def due(name: str, of: str, day: str, **more: Any) -> dict[str, Any]:
        return invoice(name, of, "10.00", "2026-01-01", day, **more)

    bills = [
        due("OWN", "C1", "2026-01-16", paymentTermId="T15"),
        due("LATER", "C1", "2026-01-20", paymentTermId="T15"),
        due("THEIRS", "C1", "2026-01-31"),
        due("SOONER", "C1", "2026-01-30"),
        due("FREE", "C2", "2026-05-01"),
    ]
    customers = [customer("C1", paymentTermId="T30"), customer("C2")]
    lineage.load({"customers": customers, "invoices": bills}, "2026-02-01")
    stamp = {"createdTime": at("2026-01-01"), "updatedTime": at("2026-01-01")}
    terms = [
        {"id": f"T{days}", "name": f"Net {days}", "daysDue": days, **stamp} for days in (15, 30)
    ]
    lineage.land("payment_terms", terms)
    found = {
        row["invoice_number"]: (row["payment_term"], row["term_of"], row["days_later"])
        for row in ask(lineage, "terms_differences")
    }
    assert found == {"LATER": ("Net 15", "invoice", 4), "SOONER": ("Net 30", "customer", -1)}
