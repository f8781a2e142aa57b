"""What is known before an invoice is charged again, from what was read of its failures."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.acting.books import SnapshotBook
from etl.acting.proposing import preview_one, wanted
from etl.actions.action import Preview
from etl.actions.facts import Charging
from etl.errors import UsageError
from tests.etl.books import Lineage
from tests.etl.test_failure_cases import entered
from tests.etl.test_failure_metrics import book, online, void

CHARGE = {
    "customerId": "C1",
    "fundingAccount": {"id": "cba1"},
    "invoicePayments": [{"invoiceId": "I1", "amount": "100.00"}],
}


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def known(lineage: Lineage, payments: list[dict[str, Any]], day: str) -> SnapshotBook:
    lineage.load(book(payments, "I1", "I2"), "2026-06-30")
    return SnapshotBook(lineage.publish(), date.fromisoformat(day))


def charged(told: SnapshotBook) -> Preview:
    return preview_one(told, wanted("payment.charge", CHARGE, "k"))


def told_of(told: SnapshotBook) -> Charging:
    found = told.charging("I1")
    assert found
    return found


def returned(count: int) -> list[dict[str, Any]]:
    days = ("2026-01-12", "2026-02-02", "2026-03-02", "2026-04-01")[:count]
    return [void(online(f"P{n}", day, "I1"), day[:8] + "20") for n, day in enumerate(days)]


def test_an_invoice_never_charged_has_no_budget_used(lineage: Lineage) -> None:
    found = told_of(known(lineage, [online("P9", "2026-01-12", "I2")], "2026-06-30"))
    assert (found.failures, found.days, found.forbids) == (0, 0, None)


def test_failures_are_counted_with_the_days_since_the_first(lineage: Lineage) -> None:
    told = known(lineage, returned(2), "2026-04-22")
    assert (told_of(told).failures, told_of(told).days) == (2, 100)
    assert "Invoice I1: attempt 3 of 3, day 100 of 180." in charged(told).warnings


def test_two_retries_are_allowed_and_no_third(lineage: Lineage) -> None:
    with pytest.raises(UsageError, match="3 times in vain: two retries are allowed"):
        charged(known(lineage, returned(3), "2026-04-22"))


def test_after_180_days_there_is_no_retry(lineage: Lineage) -> None:
    assert charged(known(lineage, returned(1), "2026-07-11")).amount is not None


def test_a_day_later_it_is_too_late(lineage: Lineage) -> None:
    with pytest.raises(UsageError, match="181 days ago"):
        charged(known(lineage, returned(1), "2026-07-12"))


def test_what_the_bank_forbids_is_not_charged_again(lineage: Lineage) -> None:
    lineage.reasons = (entered("P0", "R02"),)
    with pytest.raises(UsageError, match="the bank said R02, the account was closed"):
        charged(known(lineage, returned(1), "2026-04-22"))


def test_a_want_of_funds_may_be_tried_again_and_says_its_odds(lineage: Lineage) -> None:
    lineage.reasons = (entered("P0", "R01"), entered("P7", "R01", 2))
    others = [
        void(online("P7", "2026-01-12", "I2"), "2026-01-20"),
        online("P8", "2026-02-12", "I2"),
    ]
    told = known(lineage, [*returned(1), *others], "2026-04-22")
    assert (told_of(told).tried, told_of(told).worked) == (1, 1)
    assert "Of 1 retries like this, 1 succeeded." in charged(told).warnings


def test_returns_over_the_level_ask_for_a_second_person(lineage: Lineage) -> None:
    told = known(lineage, returned(1), "2026-02-10")
    assert (told_of(told).debits, told_of(told).returned) == (1, 1)
    assert charged(told).approval == "one more return would be over the level of return rates"
