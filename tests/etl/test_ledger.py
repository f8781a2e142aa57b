"""The ledger's edges: what each change between two versions does to balances and revenue."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, credit_memo, customer, invoice, payment

Rows = list[dict[str, Any]]


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(snapshot: Snapshot, metric: str, day: str = "2026-12-31", **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


def opened(snapshot: Snapshot, day: str) -> dict[str, Decimal]:
    return {row["invoice_id"]: row["open_amount"] for row in ask(snapshot, "open_items", day)}


def by_month(snapshot: Snapshot, metric: str) -> dict[str, Decimal]:
    return {row["month"]: row["amount"] for row in ask(snapshot, metric)}


def test_an_archived_invoice_owes_nothing_and_a_restored_one_owes_again(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    shelved = {"archived": True, "recordStatus": "INACTIVE"}
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-01-05")
    lineage.load({"invoices": [bill | shelved | {"updatedTime": at("2026-02-03")}]}, "2026-02-03")
    lineage.load({"invoices": [bill | {"updatedTime": at("2026-03-09")}]}, "2026-03-09")
    snapshot = lineage.publish()
    owed = {day: opened(snapshot, day) for day in ("2026-02-02", "2026-02-03", "2026-03-09")}
    assert owed == {
        "2026-02-02": {"I1": Decimal("100.00")},
        "2026-02-03": {},
        "2026-03-09": {"I1": Decimal("100.00")},
    }
    assert by_month(snapshot, "invoiced_by_month") == {
        "2026-01": Decimal("100.00"),
        "2026-02": Decimal("-100.00"),
        "2026-03": Decimal("100.00"),
    }


def test_a_payment_returned_while_its_invoice_is_archived_opens_nothing(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    paid = payment("P1", "C1", "40.00", "2026-01-10", {"I1": "40.00"})
    shelved = bill | {"archived": True, "updatedTime": at("2026-02-03")}
    void = paid | {"status": "VOID", "updatedTime": at("2026-02-10")}
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [paid]}
    lineage.load(book, "2026-01-10")
    lineage.load({"invoices": [shelved]}, "2026-02-03")
    lineage.load({"receivable_payments": [void]}, "2026-02-10")
    snapshot = lineage.publish()
    assert opened(snapshot, "2026-02-02") == {"I1": Decimal("60.00")}
    assert opened(snapshot, "2026-02-20") == {}
    assert ask(snapshot, "customers")[0]["balance"] == Decimal("0.00")


def test_a_changed_total_counts_from_the_day_it_changed(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    raised = bill | {
        "totalAmount": Decimal("130.00"),
        "dueAmount": Decimal("130.00"),
        "updatedTime": at("2026-02-02"),
    }
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-01-05")
    lineage.load({"invoices": [raised]}, "2026-02-02")
    snapshot = lineage.publish()
    assert opened(snapshot, "2026-02-01") == {"I1": Decimal("100.00")}
    assert opened(snapshot, "2026-02-02") == {"I1": Decimal("130.00")}
    assert by_month(snapshot, "invoiced_by_month") == {
        "2026-01": Decimal("100.00"),
        "2026-02": Decimal("30.00"),
    }


def test_a_scheduled_payment_changes_nothing_until_it_clears(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    under_way = payment(
        "P1",
        "C1",
        "100.00",
        "2026-01-12",
        {"I1": "100.00"},
        status="SCHEDULED",
        createdTime=at("2026-01-08"),
        updatedTime=at("2026-01-08"),
    )
    cleared = under_way | {"status": "PAID", "updatedTime": at("2026-01-14")}
    book = {"customers": [customer("C1")], "invoices": [bill]}
    lineage.load(book | {"receivable_payments": [under_way]}, "2026-01-08")
    assert opened(lineage.publish(), "2026-01-13") == {"I1": Decimal("100.00")}
    lineage.load({"receivable_payments": [cleared]}, "2026-01-14")
    snapshot = lineage.publish()
    assert opened(snapshot, "2026-01-11") == {"I1": Decimal("100.00")}
    assert opened(snapshot, "2026-01-12") == {}
    assert ask(snapshot, "failed_payments") == []


@pytest.mark.parametrize(
    ("before", "after", "online", "failures"),
    [
        ("SCHEDULED", "VOID", True, 1),
        ("SCHEDULED", "CANCELED", True, 1),
        ("PAID", "VOID", True, 1),
        ("PAID", "VOID", False, 0),
        ("SCHEDULED", "PAID", True, 0),
        ("PAID", "CANCELED", True, 0),
    ],
)
def test_what_counts_as_a_failed_payment(
    lineage: Lineage, before: str, after: str, online: bool, failures: int
) -> None:
    first = payment(
        "P1", "C1", "100.00", "2026-01-12", {"I1": "100.00"}, status=before, onlinePayment=online
    )
    then = first | {"status": after, "updatedTime": at("2026-01-19")}
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [first]}
    lineage.load(book, "2026-01-12")
    lineage.load({"receivable_payments": [then]}, "2026-01-19")
    found = ask(lineage.publish(), "failed_payments")
    assert len(found) == failures
    assert {row["failed_on"] for row in found} <= {date(2026, 1, 19)}


def test_a_payment_void_before_its_date_never_counted(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    stopped = payment(
        "P1",
        "C1",
        "100.00",
        "2026-02-01",
        {"I1": "100.00"},
        status="VOID",
        updatedTime=at("2026-01-15"),
    )
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [stopped]}
    lineage.load(book, "2026-03-01")
    snapshot = lineage.publish()
    assert opened(snapshot, "2026-02-02") == {"I1": Decimal("100.00")}
    assert by_month(snapshot, "collected_by_month") == {}
    assert [row["failed_on"] for row in ask(snapshot, "failed_payments")] == [date(2026, 1, 15)]


def test_money_on_account_counts_for_an_invoice_from_the_day_it_is_applied(
    lineage: Lineage,
) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    loose = payment("P1", "C1", "100.00", "2026-01-12", {})
    applied = payment(
        "P1", "C1", "100.00", "2026-01-12", {"I1": "100.00"}, updatedTime=at("2026-02-05")
    )
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [loose]}
    lineage.load(book, "2026-01-12")
    lineage.load({"receivable_payments": [applied]}, "2026-02-05")
    snapshot = lineage.publish()
    for day, gross, unapplied in (("2026-02-04", "100.00", "-100.00"), ("2026-02-05", "0", "0")):
        rows = ask(snapshot, "ar_aging", day)
        expected = [(Decimal(gross), Decimal(unapplied))] if Decimal(gross) else []
        assert [(row["gross"], row["unapplied"]) for row in rows] == expected
    assert by_month(snapshot, "collected_by_month") == {"2026-02": Decimal("100.00")}


def test_a_credit_leaves_unapplied_when_an_invoice_takes_it(lineage: Lineage) -> None:
    memo = credit_memo("CM1", "C1", "120.00", "2026-01-02")
    bill = invoice(
        "I1",
        "C1",
        "100.00",
        "2026-01-05",
        "2026-01-20",
        creditAmount=Decimal("70.00"),
        dueAmount=Decimal("30.00"),
    )
    used = memo | {
        "appliedAmount": Decimal("70.00"),
        "usage": [{"invoiceId": "I1", "amount": Decimal("70.00")}],
        "updatedTime": at("2026-01-05"),
    }
    lineage.load({"customers": [customer("C1")], "credit_memos": [memo]}, "2026-01-02")
    lineage.load({"invoices": [bill], "credit_memos": [used]}, "2026-01-05")
    snapshot = lineage.publish()
    (row,) = ask(snapshot, "ar_aging", "2026-01-05")
    assert (row["gross"], row["unapplied"], row["net"]) == (
        Decimal("30.00"),
        Decimal("-50.00"),
        Decimal("-20.00"),
    )
    assert not any(found.count for found in lineage.checks.values())
    history = ask(snapshot, "customer_history", customer="C1")
    assert [(row["event"], row["amount"]) for row in history] == [
        ("credit_issued", Decimal("-120.00")),
        ("invoice_issued", Decimal("100.00")),
    ]


def test_tax_is_left_out_of_revenue_and_its_parts_add_up(lineage: Lineage) -> None:
    bill = invoice(
        "I1",
        "C1",
        "100.00",
        "2026-01-05",
        "2026-01-20",
        salesTaxTotal=Decimal("7.41"),
        dueAmount=Decimal("0.00"),
    )
    thirds = [
        payment("P1", "C1", "33.33", "2026-02-01", {"I1": "33.33"}),
        payment("P2", "C1", "33.33", "2026-03-01", {"I1": "33.33"}),
        payment("P3", "C1", "33.34", "2026-04-01", {"I1": "33.34"}),
    ]
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": thirds}
    lineage.load(book, "2026-04-01")
    snapshot = lineage.publish()
    assert by_month(snapshot, "invoiced_by_month") == {"2026-01": Decimal("92.59")}
    collected = by_month(snapshot, "collected_by_month")
    assert list(collected.values()) == [Decimal("30.86"), Decimal("30.86"), Decimal("30.87")]
    assert sum(collected.values()) == Decimal("92.59")


def test_currencies_keep_their_own_digits_and_are_never_added(lineage: Lineage) -> None:
    book = {
        "customers": [customer("C1", "JPY"), customer("C2", "KWD"), customer("C3", "USD")],
        "invoices": [
            invoice("I1", "C1", "120000", "2026-01-05", "2026-01-20"),
            invoice("I2", "C2", "10.125", "2026-01-05", "2026-01-20"),
            invoice("I3", "C3", "1.10", "2026-01-05", "2026-01-20"),
        ],
    }
    lineage.load(book, "2026-01-05")
    rows = ask(lineage.publish(), "ar_aging", "2026-01-06")
    assert [(row["currency"], str(row["gross"])) for row in rows] == [
        ("JPY", "120000"),
        ("KWD", "10.125"),
        ("USD", "1.10"),
    ]


def test_amounts_past_fifteen_digits_stay_exact(lineage: Lineage) -> None:
    big = "123456789012345.67"
    book = {
        "customers": [customer("C1")],
        "invoices": [invoice("I1", "C1", big, "2026-01-05", "2026-01-20")],
    }
    lineage.load(book, "2026-01-05")
    assert opened(lineage.publish(), "2026-01-06") == {"I1": Decimal(big)}


def test_the_tenants_zone_decides_the_day(tmp_path: Path) -> None:
    late = "2026-02-04T03:30:00.000+00:00"  # the 3rd in Chicago
    bill = invoice(
        "I1", "C1", "100.00", "2026-01-05", "2026-01-20", archived=True, updatedTime=late
    )
    for zone, day in (("America/Chicago", "2026-02-03"), ("UTC", "2026-02-04")):
        lineage = Lineage(tmp_path / zone.replace("/", "-"), time_zone=zone)
        lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-03-01")
        snapshot = lineage.publish()
        history = ask(snapshot, "customer_history", customer="C1")
        assert str(history[-1]["on"]) == day


def test_what_is_missing_or_unreadable_is_assumed_said_and_lost_nowhere(lineage: Lineage) -> None:
    bare = {"id": "I1", "customerId": "nobody", "totalAmount": Decimal("5.00")}
    broken = invoice("I2", "C1", "100.00", "2026-01-05", "2026-01-20", dueAmount="lots")
    draft = invoice(
        "I3", "C1", "9.00", "2026-01-05", "2026-01-20", archived=True, recordStatus="DRAFT"
    )
    book = {"customers": [{"id": "C1"}], "invoices": [bare, broken, draft]}
    lineage.load(book, "2026-01-05")
    snapshot = lineage.publish()
    found = {row["invoice_id"]: row for row in ask(snapshot, "open_items", "2026-01-05")}
    assert set(found) == {"I1", "I2"}
    assert found["I1"]["due_on"] == date(2026, 2, 4)  # 30 days after the day we first saw it
    assert found["I2"]["customer"] == "C1"
    assert lineage.checks["customers_are_known"].findings[0][0] == "I1"
    assert {subject for subject, _ in lineage.checks["amounts_are_readable"].findings} == {
        "I1",
        "I2",
    }


def test_a_difference_to_bill_is_found_and_names_the_invoice(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20", dueAmount=Decimal("99.99"))
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-01-05")
    lineage.publish()
    assert lineage.checks["balances_match_bill"].findings == (
        ("I1", "we compute 100.0000 USD, BILL has 99.9900"),
    )
    assert lineage.checks["balances_match_bill"].records == ("invoice/I1",)


def test_loading_the_same_book_again_adds_nothing(lineage: Lineage) -> None:
    book = {
        "customers": [customer("C1")],
        "invoices": [invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")],
    }
    first = lineage.load(book, "2026-01-05")
    assert {name: added for name, added in first.items() if added} == {
        "customers": 1,
        "invoices": 1,
    }
    assert set(lineage.load(book, "2026-01-06").values()) == {0}


def test_ids_that_differ_only_in_case_are_two_records(lineage: Lineage) -> None:
    book = {
        "customers": [customer("0cuA"), customer("0cua")],
        "invoices": [
            invoice("00eX", "0cuA", "1.00", "2026-01-05", "2026-01-20"),
            invoice("00ex", "0cua", "2.00", "2026-01-05", "2026-01-20"),
        ],
    }
    lineage.load(book, "2026-01-05")
    assert opened(lineage.publish(), "2026-01-06") == {
        "00eX": Decimal("1.00"),
        "00ex": Decimal("2.00"),
    }


def test_a_page_that_comes_late_brings_nothing_back(lineage: Lineage) -> None:
    old = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-20")
    new = old | {"archived": True, "updatedTime": at("2026-01-09")}
    lineage.load({"customers": [customer("C1")], "invoices": [new]}, "2026-01-09")
    assert lineage.load({"invoices": [old]}, "2026-01-10")["invoices"] == 0
    assert opened(lineage.publish(), "2026-01-10") == {}


def test_a_payment_that_comes_back_before_its_own_date_overstates_nothing(
    lineage: Lineage,
) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-31")
    dated_ahead = payment(
        "P1", "C1", "100.00", "2026-01-20", {"I1": "100.00"}, updatedTime=at("2026-01-10")
    )
    void = dated_ahead | {"status": "VOID", "updatedTime": at("2026-01-12")}
    book = {"customers": [customer("C1")], "invoices": [bill]}
    lineage.load(book | {"receivable_payments": [dated_ahead]}, "2026-01-10")
    lineage.load({"receivable_payments": [void]}, "2026-01-12")
    snapshot = lineage.publish()
    for day in ("2026-01-11", "2026-01-12", "2026-01-15", "2026-01-20", "2026-01-21"):
        assert opened(snapshot, day) == {"I1": Decimal("100.00")}


def test_a_payment_that_is_revived_counts_again_only_from_then_on(lineage: Lineage) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-01-05", "2026-01-31")
    paid = payment("P1", "C1", "100.00", "2026-01-10", {"I1": "100.00"})
    book = {"customers": [customer("C1")], "invoices": [bill], "receivable_payments": [paid]}
    lineage.load(book, "2026-01-10")
    for status, day in (("VOID", "2026-01-20"), ("PAID", "2026-02-10")):
        changed = paid | {"status": status, "updatedTime": at(day)}
        lineage.load({"receivable_payments": [changed]}, day)
    snapshot = lineage.publish()
    owed = {"I1": Decimal("100.00")}
    assert opened(snapshot, "2026-01-15") == {}
    assert opened(snapshot, "2026-01-25") == owed
    assert opened(snapshot, "2026-02-10") == {}
    assert by_month(snapshot, "collected_by_month") == {
        "2026-01": Decimal("0.00"),
        "2026-02": Decimal("100.00"),
    }


def test_an_invoice_is_upcoming_before_its_date_and_archived_from_the_day_it_was(
    lineage: Lineage,
) -> None:
    bill = invoice("I1", "C1", "100.00", "2026-02-05", "2026-02-20")
    shelved = bill | {"archived": True, "updatedTime": at("2026-03-03")}
    lineage.load({"customers": [customer("C1")], "invoices": [bill]}, "2026-02-05")
    lineage.load({"invoices": [shelved]}, "2026-03-03")
    snapshot = lineage.publish()
    states = {
        day: ask(snapshot, "invoices", day, invoice="I1")[0]["state"]
        for day in ("2026-02-04", "2026-02-05", "2026-02-21", "2026-03-03")
    }
    assert list(states.values()) == ["upcoming", "open", "overdue", "archived"]
    assert ask(snapshot, "invoices", "2026-02-04") == []
    assert len(ask(snapshot, "invoices", "2026-02-04", state="upcoming")) == 1


def test_money_of_an_invoice_that_is_not_in_the_book_is_found(lineage: Lineage) -> None:
    stray = payment("P1", "C1", "100.00", "2026-01-10", {"I9": "100.00"})
    lineage.load({"customers": [customer("C1")], "receivable_payments": [stray]}, "2026-01-10")
    lineage.publish()
    assert lineage.checks["allocations_are_known"].findings == (
        ("P1", "refers to invoice I9, which is not in the book"),
    )
    assert lineage.checks["allocations_are_known"].records == ("customer/C1",)


def test_a_list_gives_as_many_rows_as_are_wanted_and_says_how_many_there_are(
    lineage: Lineage,
) -> None:
    bills = [invoice(f"I{n}", "C1", f"{n}.00", "2026-01-05", "2026-01-20") for n in range(1, 6)]
    lineage.load({"customers": [customer("C1")], "invoices": bills}, "2026-01-05")
    snapshot = lineage.publish()
    question = Question(as_of=date(2026, 1, 31), limit=2)
    for metric in ("open_items", "invoices"):
        found = answer(metric, snapshot, question)
        assert (len(found.rows), found.total) == (2, 5)
        assert answer(metric, snapshot, replace(question, limit=None)).total == 5
    assert answer("payments", snapshot, question).total == 0
