"""What changed of a month, for any book: the documents add up to what the figures moved by."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billcom.sandbox.errors import ApiError
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.periods import month_named
from etl.metrics.restated import restated_documents
from etl.warehouse.snapshot import Hub, Snapshot
from etl.warehouse.snapshot_pair import SnapshotPair
from tests.etl.books import Lineage, customer, golden, invoice, payment
from tests.etl.random_books import LAST, Scribe, records_of

Book = Mapping[str, Sequence[dict[str, Any]]]
MONTHS = ("2025-03", "2025-06", "2025-09", "2025-10", "2025-11")
EFFECTS = {
    "receivables": ("ar_aging", "net"),
    "invoiced": ("invoiced_by_month", "amount"),
    "collected": ("collected_by_month", "amount"),
    "tax": ("revenue_bridge", "tax"),
}


def published(path: Path, *books: tuple[Book, str]) -> list[Snapshot]:
    """A snapshot after each of some books, all in one hub."""
    lineage, seqs = Lineage(path), []
    for book, day in books:
        lineage.load(book, day)
        seqs.append(lineage.publish().seq)
    hub = Hub(lineage.folder)
    return [hub.snapshot(seq) for seq in seqs]


def question(month: str) -> Question:
    period = month_named(month)
    return Question(as_of=period.last, from_on=period.first)


def documents(then: Snapshot, now: Snapshot, month: str) -> list[dict[str, Any]]:
    return restated_documents(SnapshotPair(then, now), question(month)).records()


def figure(snapshot: Snapshot, metric: str, column: str, month: str) -> dict[str, Decimal]:
    period = month_named(month)
    asked = Question(as_of=period.last, from_on=period.first, to_on=period.last)
    rows = answer(metric, snapshot, asked).records()
    return {row["currency"]: row[column] for row in rows if row.get("month", month) == month}


def moved(then: Snapshot, now: Snapshot, effect: str, month: str) -> dict[str, Decimal]:
    was, is_now = (figure(one, *EFFECTS[effect], month) for one in (then, now))
    moves = {code: is_now.get(code, 0) - was.get(code, 0) for code in {*was, *is_now}}
    return {code: Decimal(move) for code, move in moves.items() if move}


def explained(found: list[dict[str, Any]], effect: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        sums[row["currency"]] += row[effect]
    return {code: total for code, total in sums.items() if total}


def random_halves(seed: int) -> tuple[Book, Book]:
    """A year's book, and the same after more was done to it, some of it dated months back."""
    scribe = Scribe(seed)
    early = records_of(scribe.live(LAST))
    frozen = copy.deepcopy(early)
    for _ in range(25):
        act = scribe.rng.choice((late_bill, late_payment, redated, Scribe.give_back, Scribe.shelve))
        with suppress(ApiError):  # what the sandbox refuses is left out
            act(scribe)
    return frozen, records_of(scribe.book)


def late_bill(scribe: Scribe) -> None:
    scribe.book.create_invoice(
        {
            "customer": {"id": scribe.rng.choice(scribe.customers)},
            "invoiceDate": scribe.on(-300, -5),
            "dueDate": scribe.on(-5, 30),
            "invoiceLineItems": [{"price": scribe.rng.randrange(1, 900), "quantity": 1}],
        }
    )


def late_payment(scribe: Scribe) -> None:
    bill = scribe.any_invoice()
    scribe.book.record_payment(
        {
            "paymentDate": scribe.on(-300, -5),
            "paymentType": "CHECK",
            "amount": bill["dueAmount"] + scribe.rng.choice([0, 40]),
            "invoices": [{"id": bill["id"], "amount": bill["dueAmount"]}],
        }
    )


def redated(scribe: Scribe) -> None:
    scribe.book.change_invoice(scribe.any_invoice()["id"], {"dueDate": scribe.on(-200, 60)})


@pytest.mark.parametrize("seed", range(6))
def test_of_any_book_the_documents_add_up_to_what_the_figures_moved_by(
    seed: int, tmp_path: Path
) -> None:
    early, late = random_halves(seed)
    then, now = published(tmp_path, (early, "2025-12-02"), (late, "2026-01-15"))
    restated = 0
    for month in MONTHS:
        found = documents(then, now, month)
        restated += len(found)
        for effect in EFFECTS:
            assert explained(found, effect) == moved(then, now, effect, month), (month, effect)
    assert restated
    assert all(documents(now, now, month) == [] for month in MONTHS)


def test_undoing_a_restatement_is_its_mirror(tmp_path: Path) -> None:
    early, late = random_halves(3)
    then, now = published(tmp_path, (early, "2025-12-02"), (late, "2026-01-15"))
    there = explained(documents(then, now, "2025-10"), "receivables")
    back = explained(documents(now, then, "2025-10"), "receivables")
    assert there == {code: -amount for code, amount in back.items()}


def with_payment(**more: Any) -> dict[str, list[dict[str, Any]]]:
    book = golden()
    book["receivable_payments"].append(
        payment("P9", "C3", "100.00", "2025-06-10", {"I5": "100.00"}, **more)
    )
    return book


def test_money_dated_back_before_an_archive_shows_what_it_left_the_archive_to_do(
    tmp_path: Path,
) -> None:
    then, now = published(tmp_path, (golden(), "2025-08-01"), (with_payment(), "2025-08-02"))
    found = {row["document_id"]: row for row in documents(then, now, "2025-06")}
    assert found["P9"]["change"] == "added"
    assert found["P9"]["receivables"] == Decimal("-100.00")
    assert found["I5"]["change"] == "through another document"
    assert found["I5"]["receivables"] == Decimal("100.00")
    assert found["I5"]["observed_on"] is None
    assert set(found) == {"P9", "I5"}


def test_a_payment_of_another_amount_tells_before_and_after(tmp_path: Path) -> None:
    book = with_payment()
    book["receivable_payments"][-1] = payment(
        "P9", "C3", "90.00", "2025-06-10", {"I5": "90.00"}, updatedTime="2025-06-12T12:00:00.000Z"
    )
    then, now = published(tmp_path, (with_payment(), "2025-08-01"), (book, "2025-08-02"))
    found = {row["document_id"]: row for row in documents(then, now, "2025-06")}
    assert found["P9"]["change"] == "payment moved"
    assert found["P9"]["after"] == "payment moved 2025-06-12 10.00 (I5)"
    assert found["P9"]["before"] is None
    assert str(found["P9"]["observed_on"]) == "2025-08-02"
    assert found["P9"]["collected"] == Decimal("-10.00")


def test_a_customer_of_another_currency_takes_all_of_its_documents_along(tmp_path: Path) -> None:
    book = golden()
    book["customers"][0] = customer("C1", "CAD", updatedTime="2025-08-02T12:00:00.000Z")
    then, now = published(tmp_path, (golden(), "2025-08-01"), (book, "2025-08-02"))
    found = documents(then, now, "2025-06")
    (row,) = (row for row in found if row["kind"] == "customer")
    assert (row["before"], row["after"]) == ("currency USD", "currency CAD")
    for effect in EFFECTS:
        assert explained(found, effect) == moved(then, now, effect, "2025-06")


def test_an_invoice_that_went_to_another_customer_is_told(tmp_path: Path) -> None:
    book = golden()
    book["invoices"][1] = invoice(
        "I2", "C2", "500.00", "2025-06-01", "2025-06-30", updatedTime="2025-08-02T12:00:00.000Z"
    )
    then, now = published(tmp_path, (golden(), "2025-08-01"), (book, "2025-08-02"))
    found = documents(then, now, "2025-06")
    changes = {row["change"] for row in found if row["document_id"] == "I2"}
    assert any("customer" in change for change in changes)
    for effect in ("receivables", "invoiced", "collected"):
        assert explained(found, effect) == moved(then, now, effect, "2025-06"), effect


def test_a_month_before_all_that_changed_is_not_restated(tmp_path: Path) -> None:
    then, now = published(tmp_path, (golden(), "2025-08-01"), (with_payment(), "2025-08-02"))
    assert documents(then, now, "2025-05") == []
