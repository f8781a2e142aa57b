"""Records that come in another form than BILL's contract has them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.back_office import BackOffice
from etl.jobs.sync_tenant import RunReport, sync_tenant
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.store.alerts import open_alerts
from etl.store.preferences import Preferences
from etl.store.runs import recent_runs
from etl.store.tenants import find_tenant
from tests.billcom.scripted import serving
from tests.etl.books import Lineage, at, customer, golden, invoice
from tests.etl.test_other_bills import OtherBill, connect, held, invoices


@pytest.fixture
def bill() -> Iterator[OtherBill]:
    with serving(OtherBill(golden())) as server:
        assert isinstance(server, OtherBill)
        yield server


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def seen(report: RunReport) -> list[tuple[str, str, str]]:
    return [(n["resource"], n["kind"], n["subject"]) for n in report.notices]


def change(bill: OtherBill, **fields: Any) -> None:
    """The first invoice, changed now."""
    bill.book["invoices"][0] |= fields | {"updatedTime": at("2025-08-02")}


def stop_at(office: BackOffice, mode: str) -> None:
    kept = Preferences(contracts=(("invoices", mode),))  # type: ignore[arg-type]
    with office.store.begin() as session:
        find_tenant(session, "cascade").preferences = kept.as_json()


def test_the_golden_book_keeps_the_contract(office: BackOffice, bill: OtherBill) -> None:
    connect(office, bill)
    assert sync_tenant(office, "cascade").notices == ()


def test_a_new_field_is_told_once_and_kept(office: BackOffice, bill: OtherBill) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    change(bill, fuelIndex="4.01")
    report = sync_tenant(office, "cascade")
    assert report.error is None
    assert seen(report) == [("invoices", "new_field", "fuelIndex")]
    with office.store.read() as session:
        assert recent_runs(session)[0].notices == list(report.notices)
    change(bill, fuelIndex="4.02")
    assert sync_tenant(office, "cascade").notices == ()


def test_a_word_that_is_not_known_is_told(office: BackOffice, bill: OtherBill) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    change(bill, status="FROZEN")
    assert seen(sync_tenant(office, "cascade")) == [("invoices", "unknown_word", "status=FROZEN")]


def test_a_field_that_every_record_had_and_none_has_is_told(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.book["invoices"] = invoices(12)
    connect(office, bill)
    sync_tenant(office, "cascade")
    for record in bill.book["invoices"]:
        del record["scheduledAmount"]
        record["updatedTime"] = at("2025-08-02")
    report = sync_tenant(office, "cascade")
    assert seen(report) == [("invoices", "vanished_field", "scheduledAmount")]


@pytest.mark.parametrize("amount", [None, "many", True])
def test_an_invoice_without_a_readable_amount_is_told_until_it_has_one(
    office: BackOffice, bill: OtherBill, amount: object
) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    change(bill, totalAmount=amount)
    assert seen(sync_tenant(office, "cascade")) == [("invoices", "broken_field", "totalAmount")]
    assert sync_tenant(office, "cascade").notices == ()
    with office.store.read() as session:
        assert "broken_field" in {alert.kind for alert in open_alerts(session)}
    change(bill, totalAmount=Decimal("1000.00"))
    sync_tenant(office, "cascade")
    with office.store.read() as session:
        assert "broken_field" not in {alert.kind for alert in open_alerts(session)}


def test_where_the_contract_stops_nothing_of_the_page_is_landed(
    office: BackOffice, bill: OtherBill
) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    stop_at(office, "stop")
    before = held(office)
    bill.book["invoices"].append(
        invoice("I9", "C1", "1.00", "2025-08-02", "2025-09-01", fuelIndex="4")
    )
    for _ in range(2):  # a form that stopped a run stops the next as well
        report = sync_tenant(office, "cascade")
        assert report.status == "failed"
        assert "--contract invoices=accept" in str(report.error)
        assert held(office) == before
    stop_at(office, "accept")
    assert sync_tenant(office, "cascade").error is None
    assert held(office) == before + 1


def test_the_history_of_a_record_says_what_each_version_changed(lineage: Lineage) -> None:
    first = invoice("I1", "C1", "100.10", "2026-01-02", "2026-02-01", payments=[{"a": 1, "b": 2}])
    lineage.load({"customers": [customer("C1")], "invoices": [first]}, "2026-01-05")
    paid = {"dueAmount": Decimal("60.10"), "status": "PARTIAL_PAYMENT", "createdBy": "006x"}
    reordered = {"payments": [{"b": 2, "a": 1}], "updatedTime": at("2026-01-07")}
    lineage.load({"invoices": [first | paid | reordered]}, "2026-01-08")
    question = Question(as_of=date(2026, 1, 31), record="I1")
    snapshot = lineage.publish()
    rows = answer("record_history", snapshot, question).records()
    assert [(r["version"], r["field"], r["before"], r["after"]) for r in rows] == [
        (1, None, None, None),
        (2, "createdBy", None, "006x"),
        (2, "dueAmount", "100.10", "60.10"),
        (2, "status", "OPEN", "PARTIAL_PAYMENT"),
    ]
    assert rows[1]["observed_at"] == "2026-01-08T23:00:00Z"
    then = replace(question, as_of=date(2026, 1, 6))
    assert len(answer("record_history", snapshot, then).rows) == 1
