"""What no snapshot holds stands before what one says there is to do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Figures, Question
from etl.reading import Published
from etl.store.models import OutboxRow
from etl.to_do import Task, joined, tasks_of
from tests.etl.books import Lineage, customer, payment

AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
CLEAN: dict[str, Any] = {"check": "ids_are_unique", "count": 0, "findings": [], "compared": []}
APPROVAL = Task("approval", "Approval waits", "INV-1", "Approve or refuse", customer_id="C1")


def published(*checks: dict[str, Any]) -> Published:
    return Published(1, AT, AT, None, checks)


def found(count: int) -> dict[str, Any]:
    rows = [[f"I{at}", "we compute 1.00 USD, BILL has 2.00"] for at in range(count)]
    return CLEAN | {"check": "balances_match_bill", "count": count, "findings": rows}


def sums(difference: str, currency: str = "USD") -> dict[str, Any]:
    one = {"what": "open invoices", "currency": currency, "bills": "9", "ours": "9"}
    rows = [[one["what"], "off"]]
    compared = [one | {"difference": difference}, one | {"difference": "0"}]
    return {"check": "tie_out_sums", "count": 1, "findings": rows, "compared": compared}


@pytest.fixture(scope="module")
def worklist(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    lineage = Lineage(tmp_path_factory.mktemp("to_do"))
    book = {
        "customers": [customer("C1")],
        "receivable_payments": [payment("P1", "C1", "10.00", "2026-06-01", {})],
    }
    lineage.load(book, "2026-06-30")
    return answer("worklist", lineage.publish(), Question(as_of=date(2026, 6, 30)))


def test_where_all_ties_out_nothing_is_to_be_compared() -> None:
    assert tasks_of(published(CLEAN), (), AT) == []


def test_a_sum_that_is_off_is_a_task_with_its_amount() -> None:
    (task,) = tasks_of(published(CLEAN, sums("-0.01")), (), AT)
    assert (task.what, task.document) == ("Tie-out difference", "open invoices")
    assert (task.amount, task.currency) == (Decimal("-0.01"), "USD")


def test_a_count_that_is_off_has_no_amount() -> None:
    (task,) = tasks_of(published(sums("2", currency="")), (), AT)
    assert (task.amount, task.currency) == (None, "")


@pytest.mark.parametrize(("count", "document"), [(1, "I0"), (3, "I0, and 2 more")])
def test_what_a_check_found_is_one_task(count: int, document: str) -> None:
    (task,) = tasks_of(published(found(count)), (), AT)
    assert (task.document, task.amount) == (document, None)


@pytest.mark.parametrize(
    ("count", "record", "opens"),
    [
        (1, "invoice/I0", ("I0", "")),
        (1, "customer/C1", ("", "C1")),
        (1, "", ("", "")),
        (2, "invoice/I0", ("", "")),
    ],
)
def test_a_difference_of_one_record_opens_it(
    count: int, record: str, opens: tuple[str, str]
) -> None:
    (task,) = tasks_of(published(found(count) | {"records": [record] * count}), (), AT)
    assert (task.invoice_id, task.customer_id) == opens


def test_tasks_come_first_and_are_counted(worklist: Figures) -> None:
    both = joined(worklist, [APPROVAL])
    assert [row["document"] for row in both.records()] == ["INV-1", "P1"]
    assert both.total == worklist.total + 1 == 2


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ({"state": "approval"}, True),
        ({"state": "failure"}, False),
        ({"customer": "C1"}, True),
        ({"customer": "C2"}, False),
        ({"currency": "USD"}, True),  # it has none of its own
    ],
)
def test_tasks_are_narrowed_as_the_list_is(
    worklist: Figures, asked: dict[str, Any], is_there: bool
) -> None:
    narrowed = replace(worklist, question=replace(worklist.question, **asked), rows=(), total=0)
    assert bool(joined(narrowed, [APPROVAL]).rows) is is_there


def test_a_difference_in_one_currency_is_not_shown_in_another(worklist: Figures) -> None:
    tasks = tasks_of(published(sums("1.00", currency="CAD")), (), AT)
    for currency, count in (("CAD", 1), ("USD", 0)):
        question = replace(worklist.question, currency=currency)
        assert joined(replace(worklist, question=question, rows=(), total=0), tasks).total == count


def test_what_waits_for_an_approval_comes_first_and_opens_its_invoice() -> None:
    row = OutboxRow(
        id=4,
        receipt=17,
        action="invoice.archive",
        bill_id="I9",
        document="INV-9",
        currency="USD",
        amount=Decimal("7000.00"),
        proposed_by="olga@x.example",
        proposed_at=AT - timedelta(days=2),
    )
    first, second = tasks_of(published(CLEAN, sums("1.00")), [row], AT)
    assert (first.kind, first.invoice_id, first.amount, first.days) == (
        "approval",
        "I9",
        Decimal("7000.00"),
        2,
    )
    assert first.next == "Approve or cancel receipt 17, proposed by olga@x.example"
    assert second.kind == "difference"
