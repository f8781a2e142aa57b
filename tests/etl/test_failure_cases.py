"""Cases of failed payments, and the reasons that people enter for them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.billing.entered_reason import EnteredReason
from etl.billing.failure_codes import code_of
from etl.billing.retry_law import Allowance, allowance
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at
from tests.etl.test_failure_metrics import ask, book, online, void


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def entered(payment_id: str, code: str, number: int = 1) -> EnteredReason:
    return EnteredReason(number, payment_id, code, None, "ada", datetime(2026, 2, 1, tzinfo=UTC))


def failing(name: str, on: str, to: str, failed_on: str, **more: Any) -> dict[str, Any]:
    return void(online(name, on, to, **more), failed_on)


def published(lineage: Lineage, *payments: dict[str, Any], **reasons: str) -> Snapshot:
    invoices = sorted({part["invoiceId"] for one in payments for part in one["invoicePayments"]})
    lineage.load(book(payments, *invoices), "2026-06-01")
    lineage.reasons = [entered(payment, code) for payment, code in reasons.items()]
    return lineage.publish()


def case(snapshot: Snapshot, day: str = "2026-06-01", **more: Any) -> dict[str, Any]:
    (row,) = ask(snapshot, "failure_cases", day, **more)
    return row


def test_a_case_without_a_reason_says_what_to_do_and_counts_nothing_down(lineage: Lineage) -> None:
    found = case(published(lineage, failing("F1", "2026-01-12", "I1", "2026-01-14")))
    assert (found["failed_on"], found["state"], found["invoices"]) == (
        date(2026, 1, 14),
        "open",
        "I1",
    )
    assert (found["amount"], found["open_amount"]) == (Decimal("100.00"), Decimal("100.00"))
    assert (found["meaning"], found["source"]) == (None, "unknown")
    assert (found["attempts_left"], found["days_left"]) == (None, None)
    assert "nothing is retried until then" in found["advice"]


def test_an_entered_code_gives_the_reason_and_the_tries_left(lineage: Lineage) -> None:
    snapshot = published(lineage, failing("F1", "2026-01-12", "I1", "2026-01-14"), F1="R01")
    found = case(snapshot, "2026-01-22")
    assert (found["code"], found["source"]) == ("R01", "person")
    assert (found["attempts_left"], found["days_left"]) == (2, 170)
    assert found["not_before"] == date(2026, 1, 17)
    assert (case(snapshot, "2026-09-01")["attempts_left"], case(snapshot)["days_left"]) == (0, 40)


def test_only_the_newest_failure_of_an_invoice_is_its_case(lineage: Lineage) -> None:
    snapshot = published(
        lineage,
        failing("F1", "2026-01-12", "I1", "2026-01-14"),
        failing("F2", "2026-01-19", "I1", "2026-01-21"),
        F2="R01",
    )
    found = case(snapshot, "2026-01-22")
    assert (found["payment_id"], found["attempts_left"]) == ("F2", 1)
    assert case(snapshot, "2026-01-20")["payment_id"] == "F1"
    assert ask(snapshot, "failure_cases", "2026-01-13") == []


def test_a_later_payment_recovers_and_another_attempt_is_a_retry(lineage: Lineage) -> None:
    cure = online("S1", "2026-01-20", "I1")
    snapshot = published(lineage, failing("F1", "2026-01-12", "I1", "2026-01-14"), cure)
    assert case(snapshot, "2026-01-19")["state"] == "open"
    paid = case(snapshot)
    assert (paid["state"], paid["recovered_amount"]) == ("recovered", Decimal("100.00"))
    assert paid["open_amount"] == 0
    assert ask(snapshot, "failure_cases", state="open") == []


def test_a_scheduled_attempt_is_under_way_and_uses_a_try(lineage: Lineage) -> None:
    again = online("S1", "2026-07-01", "I1", status="SCHEDULED") | {
        "createdTime": at("2026-01-20"),
        "updatedTime": at("2026-01-20"),
    }
    failed = failing("F1", "2026-01-12", "I1", "2026-01-14")
    found = case(published(lineage, failed, again, F1="R01"), "2026-02-01")
    assert (found["state"], found["attempts_left"]) == ("retrying", 1)


def test_what_is_archived_unpaid_is_lost(lineage: Lineage) -> None:
    records = book([failing("F1", "2026-01-12", "I1", "2026-01-14")], "I1")
    records["invoices"][0] |= {"archived": True, "updatedTime": at("2026-03-01")}
    lineage.load(records, "2026-06-01")
    snapshot = lineage.publish()
    assert case(snapshot, "2026-02-01")["state"] == "open"
    assert (case(snapshot)["state"], case(snapshot)["open_amount"]) == ("lost", 0)


def test_entered_reasons_count_in_every_figure_of_failures(lineage: Lineage) -> None:
    failed = [failing(f"F{n}", "2026-01-12", f"I{n}", "2026-01-14") for n in range(2)]
    snapshot = published(lineage, *failed, F0="R10")
    told = {row["code"]: row["source"] for row in ask(snapshot, "failure_reasons")}
    assert told == {"R10": "person", "unknown": "unknown"}
    (share,) = ask(snapshot, "unknown_code_share")
    assert (share["without_code"], share["share"]) == (1, Decimal("0.500000"))
    meters = {row["meter"]: row for row in ask(snapshot, "return_rates", "2026-02-01")}
    assert (meters["unauthorized"]["returned"], meters["overall"]["returned"]) == (1, 2)
    assert meters["overall"]["without_code"] == 1
    named = {row["payment_id"]: row["reason"] for row in ask(snapshot, "failed_payments")}
    assert named == {"F0": "R10", "F1": "unknown"}


def test_a_retry_after_an_entered_never_is_wasted(lineage: Lineage) -> None:
    snapshot = published(
        lineage,
        failing("F1", "2026-01-12", "I1", "2026-01-14"),
        online("S1", "2026-01-20", "I1"),
        F1="R02",
    )
    (row,) = ask(snapshot, "wasted_retries")
    assert (row["after_never"], row["wasted"]) == (1, 1)


def test_a_reason_that_was_taken_back_is_none(lineage: Lineage) -> None:
    snapshot = published(lineage, failing("F1", "2026-01-12", "I1", "2026-01-14"), F1="unknown")
    assert case(snapshot)["source"] == "unknown"


@pytest.mark.parametrize(
    ("code", "made", "day", "left"),
    [
        (("ach", "R01"), 1, "2026-01-12", Allowance(2, 178, date(2026, 1, 15))),
        (("ach", "R01"), 3, "2026-01-12", Allowance(0, 178, None)),
        (("ach", "R01"), 1, "2026-07-10", Allowance(0, 0, None)),
        (("ach", "R02"), 1, "2026-01-12", Allowance(0)),
        (("ach", "R03"), 1, "2026-01-12", Allowance(0)),
        (("card", "do_not_honor"), 2, "2026-01-13", Allowance(3, 11, date(2026, 1, 14))),
        (("provider", "PAID>VOID"), 1, "2026-01-12", Allowance(None)),
    ],
)
def test_the_law_allows_what_the_code_says_within_the_scheme(
    code: tuple[str, str], made: int, day: str, left: Allowance
) -> None:
    found = allowance(
        code[0],
        code_of(*code),
        made=made,
        first_on=date(2026, 1, 10),
        failed_on=date(2026, 1, 12),
        as_of=date.fromisoformat(day),
    )
    assert found == left


def test_totals_tell_what_is_at_stake_and_what_nobody_knows(lineage: Lineage) -> None:
    failed = [failing(f"F{n}", "2026-01-12", f"I{n}", "2026-01-14") for n in range(3)]
    snapshot = published(lineage, *failed, online("S1", "2026-01-20", "I0"), F1="R01")
    found = {row["state"]: row for row in ask(snapshot, "failure_case_totals")}
    assert list(found) == ["open", "recovered"]
    stake = found["open"]
    assert (stake["cases"], stake["without_reason"]) == (2, 1)
    assert stake["open_amount"] == Decimal("200.00")
    assert found["recovered"]["recovered_amount"] == Decimal("100.00")


def test_customers_are_listed_by_what_failed(lineage: Lineage) -> None:
    snapshot = published(
        lineage,
        failing("F1", "2026-01-12", "I1", "2026-01-14"),
        online("S1", "2026-01-20", "I1"),
    )
    (row,) = ask(snapshot, "failures_by_customer")
    assert (row["customer_id"], row["attempts"], row["failures"]) == ("C1", 2, 1)
    assert (row["amount"], row["rate"]) == (Decimal("100.00"), Decimal("0.500000"))
    assert ask(snapshot, "failures_by_customer", from_on=date(2026, 1, 13)) == []
