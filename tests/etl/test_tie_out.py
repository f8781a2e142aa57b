"""Our figures beside BILL's: each tie-out finds what is off, names it, and alerts."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billcom.sandbox.server import Sandbox
from etl.back_office import BackOffice
from etl.jobs.sync_tenant import sync_tenant
from etl.store.alerts import open_alerts
from etl.store.models import Run
from tests.etl.books import Lineage, at, credit_memo, customer, golden, invoice, payment
from tests.etl.conftest import connected
from tests.etl.random_books import random_book, records_of

CHECKS = {
    "allocations_are_known",
    "amounts_are_readable",
    "balances_match_bill",
    "customer_balances_match_bill",
    "customers_are_known",
    "due_amounts_add_up",
    "ids_are_unique",
    "invoices_are_lines_plus_tax",
    "payments_add_up",
    "tie_out_ledger",
    "tie_out_listed",
    "tie_out_records",
    "tie_out_sums",
}


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def failed(lineage: Lineage, *books: dict[str, Any]) -> dict[str, tuple[tuple[str, str], ...]]:
    for number, book in enumerate(books, 1):
        lineage.load(book, f"2026-02-0{number}")
    lineage.publish()
    assert set(lineage.checks) == CHECKS
    return {name: found.findings for name, found in lineage.checks.items() if found.count}


def bill(**more: Any) -> dict[str, Any]:
    return invoice("I1", "C1", "110.00", "2026-01-05", "2026-01-20", **more)


def test_every_sum_of_the_fixture_stands_beside_bills(lineage: Lineage) -> None:
    assert failed(lineage, golden()) == {}
    sums = {
        (c.what, c.currency): (c.bills, c.ours) for c in lineage.checks["tie_out_sums"].compared
    }
    assert sums["outstanding", "USD"] == ("1200", "1200")
    assert sums["outstanding", "CAD"] == ("2000", "2000")
    assert sums["paid, not applied", "USD"] == ("75", "75")
    assert sums["credits left", "USD"] == ("120", "120")
    records = {c.what: (c.bills, c.ours) for c in lineage.checks["tie_out_records"].compared}
    assert records["invoices"] == ("6", "6")
    ledger = {(c.what, c.currency): c.ours for c in lineage.checks["tie_out_ledger"].compared}
    assert ledger["gross against its buckets", "USD"] == "1200"


@pytest.mark.parametrize("seed", range(5))
def test_random_books_tie_out(lineage: Lineage, seed: int) -> None:
    assert failed(lineage, records_of(random_book(seed))) == {}


def test_a_line_that_is_off_is_found(lineage: Lineage) -> None:
    lines = [{"price": Decimal("100.00"), "quantity": Decimal("1.00")}]
    wrong = bill(invoiceLineItems=lines, salesTaxTotal=Decimal("9.99"))
    assert failed(lineage, {"customers": [customer("C1")], "invoices": [wrong]}) == {
        "invoices_are_lines_plus_tax": (
            ("I1", "lines of 100.0000 and tax of 9.9900 do not add up to its total of 110.0000"),
        )
    }


def test_a_due_amount_that_does_not_follow_is_found(lineage: Lineage) -> None:
    part = {"id": "0ip1", "amount": Decimal("10.00"), "status": "PAID", "date": "2026-01-10"}
    wrong = bill(dueAmount=Decimal("90.00"), payments=[part])
    paid = payment("P1", "C1", "10.00", "2026-01-10", {"I1": "10.00"})
    book = {"customers": [customer("C1")], "invoices": [wrong], "receivable_payments": [paid]}
    found = failed(lineage, book)
    assert set(found) == {"due_amounts_add_up", "balances_match_bill", "tie_out_sums"}
    assert found["due_amounts_add_up"][0][1].endswith("paid 10.0000 is 100.0000")
    assert found["tie_out_sums"] == (("outstanding USD", "90 is expected, we have 100: 10 off"),)


def balances(*amounts: str) -> list[dict[str, Any]]:
    return [
        customer(f"C{n}", balance={"amount": Decimal(amount)})
        for n, amount in enumerate(amounts, 1)
    ]


def test_a_balance_at_bill_that_is_not_its_documents_is_found(lineage: Lineage) -> None:
    others = [invoice(f"I{n}", f"C{n}", "50.00", "2026-01-05", "2026-01-20") for n in range(2, 5)]
    book = {"customers": balances("109.99", "50", "50", "50"), "invoices": [bill(), *others]}
    assert failed(lineage, book) == {
        "customer_balances_match_bill": (
            ("Customer C1", "BILL says a balance of 109.9900, their documents add up to 110.0000"),
        )
    }


def test_a_balance_older_than_the_documents_is_not_compared(lineage: Lineage) -> None:
    changed = bill(updatedTime=at("2026-02-03"), totalAmount=Decimal(120), dueAmount=Decimal(120))
    first = {"customers": balances("110.00"), "invoices": [bill()]}
    assert failed(lineage, first, {"invoices": [changed]}) == {}


def test_a_balance_older_than_an_archiving_is_not_compared(lineage: Lineage) -> None:
    archived = bill(updatedTime=at("2026-02-03"), archived=True)
    first = {"customers": balances("110.00"), "invoices": [bill()]}
    assert failed(lineage, first, {"invoices": [archived]}) == {}


def test_whatever_bill_means_by_a_balance_is_found_out(lineage: Lineage) -> None:
    memo = credit_memo("CM1", "C1", "10.00", "2026-01-06")
    netted = {"customers": balances("100.00"), "invoices": [bill()], "credit_memos": [memo]}
    assert failed(lineage, netted) == {}


def run_of(office: BackOffice, run_id: int | None) -> Run:
    with office.store.read() as session:
        return session.get_one(Run, run_id)


def alerts_of(office: BackOffice) -> list[str]:
    with office.store.read() as session:
        return [alert.kind for alert in open_alerts(session)]


def test_a_failed_tie_out_is_published_marked_and_alerted_until_it_is_over(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    one = next(i for i in book.invoices.values() if i["dueAmount"] and not i["archived"])
    book.invoices.put({**one, "dueAmount": one["dueAmount"] - 1})
    report = sync_tenant(office, "cascade")
    assert (report.status, report.snapshot) == ("succeeded", report.run_id)
    checks = {check["check"]: check for check in run_of(office, report.run_id).checks or []}
    assert checks["balances_match_bill"]["findings"][0][0] == one["invoiceNumber"]
    assert any(c["difference"] == "1" for c in checks["tie_out_sums"]["compared"])
    assert alerts_of(office) == ["tie_out"]
    book.invoices.put(one)
    sync_tenant(office, "cascade", full=True)
    assert alerts_of(office) == []
