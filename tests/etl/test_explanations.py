"""Every figure can be explained, and its inputs add up to it, to the cent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from etl.errors import UsageError
from etl.explanations.explainer import explain
from etl.explanations.explanation import Explanation, Narrowing
from etl.explanations.formulas import Cell, Formula, tell, valued
from etl.explanations.plan import EXPLANATIONS
from etl.metrics.catalogue import CATALOGUE, answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Book, Lineage, at, customer, golden, invoice, payment
from tests.etl.random_books import random_book, records_of
from tests.etl.test_recurring_revenue import schedule
from tests.worlds import WRITTEN_AT, written_world

JUNE = date(2025, 6, 30)
NUMBERS = {"money", "count", "ratio", "days", "score"}


def trials() -> Book:
    """Failures of all kinds and what was tried after them, tax, a draft, and schedules."""
    void = {"status": "VOID"}
    return {
        "customers": [customer("C1"), customer("C2", name="=HYPERLINK(1)")],
        "invoices": [
            invoice(
                "T1",
                "C1",
                "108.25",
                "2026-01-02",
                "2026-01-12",
                salesTaxTotal=Decimal("8.25"),
                salesTaxPercentage=Decimal("8.25"),
            ),
            invoice("T2", "C1", "100.00", "2026-01-02", "2026-01-12"),
            invoice("T3", "C2", "100.00", "2026-01-02", "2026-01-12"),
            invoice("T4", "C2", "55.00", "2026-02-02", "2026-02-12", recordStatus="DRAFT"),
        ],
        "receivable_payments": [
            payment(
                "A1",
                "C1",
                "108.25",
                "2026-01-12",
                {"T1": "108.25"},
                **void,
                updatedTime=at("2026-01-14"),
                description="returned R01",
            ),
            payment(
                "A2",
                "C1",
                "108.25",
                "2026-01-20",
                {"T1": "108.25"},
                **void,
                updatedTime=at("2026-01-22"),
                description="R10",
            ),
            payment("A3", "C1", "108.25", "2026-02-02", {"T1": "108.25"}),
            payment(
                "A4",
                "C1",
                "100.00",
                "2026-01-12",
                {"T2": "100.00"},
                **void,
                updatedTime=at("2026-01-14"),
            ),
            payment("A5", "C2", "100.00", "2026-02-26", {"T3": "100.00"}),
            payment("A6", "C2", "40.00", "2026-02-20", {"T3": "40.00"}, status="CANCELED"),
        ],
        "recurring_invoices": [
            schedule("S1", "C1", "100.00", "WEEKLY", 1, "2026-01-05"),
            schedule("S2", "C2", "1200.00", "YEARLY", 1, "2026-02-05"),
        ],
    }


@contextmanager
def published(book: Book, day: str) -> Iterator[Snapshot]:
    with TemporaryDirectory() as folder:
        lineage = Lineage(Path(folder))
        lineage.load(book, day)
        snapshot = lineage.publish()
        yield snapshot
        snapshot.hub.close()


BOOKS: dict[str, tuple[Any, str, tuple[date, ...]]] = {
    "golden": (golden, "2025-08-01", (date(2025, 4, 11), JUNE, date(2025, 7, 31))),
    "trials": (trials, "2026-03-01", (date(2026, 2, 27), date(2026, 3, 31))),
    "seeded": (
        lambda: records_of(written_world().tenants[0].book),
        WRITTEN_AT.date().isoformat(),
        (date(2026, 6, 30), WRITTEN_AT.date()),
    ),
    **{
        f"random {seed}": (
            lambda seed=seed: records_of(random_book(seed)),
            "2025-12-31",
            (JUNE, date(2025, 10, 7), date(2025, 12, 31)),
        )
        for seed in (3, 11, 20)
    },
}


@pytest.fixture(scope="module", params=BOOKS)
def shelf(request: pytest.FixtureRequest) -> Iterator[tuple[Snapshot, tuple[date, ...]]]:
    book, loaded_on, days = BOOKS[request.param]
    with published(book(), loaded_on) as snapshot:
        yield snapshot, days


@pytest.fixture(scope="module")
def fixture() -> Iterator[Snapshot]:
    with published(golden(), "2025-08-01") as snapshot:
        yield snapshot


@pytest.fixture(scope="module")
def tried() -> Iterator[Snapshot]:
    with published(trials(), "2026-03-01") as snapshot:
        yield snapshot


def questions(snapshot: Snapshot, name: str, days: tuple[date, ...]) -> Iterator[Question]:
    """A metric's question on each day; that of one customer is asked of two."""
    metric = CATALOGUE[name].metric
    who: list[str | None] = [None]
    if metric.needs_customer or metric.needs_record:
        owed = answer("customers", snapshot, Question(as_of=days[-1])).records()
        who = [owed[0]["customer_id"], owed[-1]["customer_id"]]
    for day in days:
        for customer_id in who:
            yield Question(
                as_of=day,
                customer=None if metric.needs_record else customer_id,
                record=customer_id if metric.needs_record else None,
                reporting="USD" if metric.needs_reporting else None,
            )


def test_every_metric_can_be_explained() -> None:
    assert set(EXPLANATIONS) == set(CATALOGUE)
    assert all(EXPLANATIONS[name].metric == entry.metric for name, entry in CATALOGUE.items())


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_number_is_a_sum_a_formula_or_told_in_words(name: str) -> None:
    declared = EXPLANATIONS[name]
    given = {formula.column for formula in declared.formulas}
    numbers = {c.name: c.kind for c in declared.metric.columns if c.kind in NUMBERS}
    unsummed = {column for column, kind in numbers.items() if kind not in {"money", "count"}}
    assert unsummed <= given | declared.modelled
    assert declared.modelled | given <= {c.name for c in declared.metric.columns}
    assert bool(declared.notes) or not declared.modelled
    if name != "summary":  # whose own columns are all sums
        assert not (declared.modelled & given)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_inputs_add_up_to_every_figure(
    shelf: tuple[Snapshot, tuple[date, ...]], name: str
) -> None:
    snapshot, days = shelf
    for question in questions(snapshot, name, days):
        found = explain(snapshot, name, question)
        assert found.differences == ()
        assert plain_sums(found) == shown_sums(found)
        assert found.figures == answer(name, snapshot, question)


def plain_sums(found: Explanation) -> dict[tuple[str, str], Decimal]:
    """The listed inputs added up by currency and column, as a reader of the CSV would."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in found.inputs.records():
        for column in row["columns"].split():
            key = (row["currency"], column)
            sums[key] = sums.get(key, Decimal(0)) + (row["amount"] or 0)
    return {key: sums[key] for key in shown_sums(found) if sums.get(key)}


def shown_sums(found: Explanation) -> dict[tuple[str, str], Decimal]:
    """The money of the figures by currency and column, where a column may be added up."""
    metric = found.figures.metric
    declared = EXPLANATIONS[metric.name]
    given = {formula.column for formula in declared.formulas} - declared.both
    sums: dict[tuple[str, str], Decimal] = {}
    for column in metric.columns:
        if column.kind != "money" or not column.adds_up or column.name in declared.modelled | given:
            continue
        for row in found.figures.records():
            key = (row["currency"], column.name)
            sums[key] = sums.get(key, Decimal(0)) + (row[column.name] or 0)
    return {key: total for key, total in sums.items() if total}


@pytest.mark.parametrize("name", CATALOGUE)
def test_narrowed_to_a_row_it_is_that_rows_part(tried: Snapshot, name: str) -> None:
    (question, *_) = questions(tried, name, (date(2026, 3, 31),))
    whole = explain(tried, name, question)
    for record in whole.figures.records()[:3]:
        keys = [*EXPLANATIONS[name].keys, *EXPLANATIONS[name].part]
        rows = tuple((key, "" if record[key] is None else str(record[key])) for key in keys)
        part = explain(tried, name, question, Narrowing(rows))
        assert record in part.figures.records()
        assert part.differences == ()
        assert set(part.inputs.rows) <= set(whole.inputs.rows)


def aging(snapshot: Snapshot, column: str | None = None, **more: Any) -> Explanation:
    narrowing = Narrowing((("currency", "USD"),), column)
    return explain(snapshot, "ar_aging", Question(as_of=JUNE, **more), narrowing)


def shortly(found: Explanation) -> list[tuple[str, str]]:
    return [(row["document"], str(row["amount"])) for row in found.inputs.records()]


def test_one_bucket_of_the_fixture_is_one_invoice(fixture: Snapshot) -> None:
    found = aging(fixture, "d31_60")
    assert shortly(found) == [("I1", "400.00")]
    assert found.formulas == ("USD: d31_60 = 400.00, the sum of 1 input",)
    assert found.input_count == 1
    assert found.reconstructed == 1  # loaded at once: nothing of it was seen to happen


def test_what_the_fixture_leaves_out_is_told_with_its_reason(fixture: Snapshot) -> None:
    rows = aging(fixture).exclusions.records()
    found = {
        (row["reason"], row["document"], row["payment_id"], str(row["on"]), str(row["amount"]))
        for row in rows
    }
    assert found == {
        ("archived", "I5", "", "2025-06-20", "800.00"),
        ("payment taken back by then", "I4", "P2", "2025-04-12", "300.00"),
        ("payment dated later", "I6", "P4", "2025-07-02", "250.00"),
    }


def test_another_currency_is_left_out_and_told(fixture: Snapshot) -> None:
    found = explain(fixture, "ar_aging", Question(as_of=JUNE, currency="USD"))
    others = [row for row in found.exclusions.records() if row["reason"] == "in another currency"]
    assert [(row["document"], row["currency"], str(row["amount"])) for row in others] == [
        ("I3", "CAD", "2000.00")
    ]


def test_net_is_open_invoices_and_unapplied_money(fixture: Snapshot) -> None:
    found = aging(fixture, "net")
    assert shortly(found) == [
        ("I2", "500.00"),
        ("I1", "400.00"),
        ("I4", "300.00"),
        ("I6", "250.00"),
        ("CM1", "-120.00"),
        ("P3", "-75.00"),
    ]
    assert sum(Decimal(amount) for _, amount in shortly(found)) == Decimal("1255.00")


def test_other_edges_and_basis_are_explained_as_asked(fixture: Snapshot) -> None:
    found = aging(fixture, "d61_plus", edges=(60,), basis="invoice")
    assert shortly(found) == [("I1", "400.00"), ("I4", "300.00")]
    assert [row["days"] for row in found.inputs.records()] == [90, 121]


def test_an_open_item_is_what_happened_to_its_invoice(fixture: Snapshot) -> None:
    narrowing = Narrowing((("invoice_id", "I1"),), "open_amount")
    found = explain(fixture, "open_items", Question(as_of=JUNE), narrowing)
    assert [(row["what"], str(row["amount"])) for row in found.inputs.records()] == [
        ("invoice issued", "1000.00"),
        ("payment applied", "-600.00"),
    ]


def test_a_ratio_is_told_with_its_sums(fixture: Snapshot) -> None:
    narrowing = Narrowing((("currency", "USD"), ("variant", "simple")), "dso")
    found = explain(fixture, "dso", Question(as_of=JUNE), narrowing)
    assert found.formulas == ("USD: dso = (closing_ar 1,450.00 × days 90) ÷ sales 630.00 = 207.14",)
    assert {name for row in found.inputs.records() for name in row["columns"].split()} == {
        "closing_ar",
        "sales",
    }


def test_countback_tells_its_months(fixture: Snapshot) -> None:
    narrowing = Narrowing((("currency", "CAD"), ("variant", "countback")), "dso")
    found = explain(fixture, "dso", Question(as_of=JUNE), narrowing)
    assert found.formulas == (
        "CAD: countback: 2025-06 sold 0 of 2,000.00 still to make up, 30 days, all",
        "CAD: countback: 2025-05 sold 2,000.00 of 2,000.00 still to make up, 31 days, pro rata",
    )


@pytest.mark.parametrize(
    ("metric", "reason", "document"),
    [
        ("failure_rates", "called off", "A6"),
        ("failure_rates", "pending: its bank may still return it", "A5"),
        ("on_time_rate", "not yet due", "I6"),
        ("ar_aging", "still a draft", "T4"),
        ("payment_behaviour", "no figure: not enough history", "Customer C1"),
        ("collection_rate", "not known before 2026-03-02", "T1"),
        ("recurring_revenue_movements", "begins later", "S2"),
    ],
)
def test_what_is_left_out_says_why(
    fixture: Snapshot, tried: Snapshot, metric: str, reason: str, document: str
) -> None:
    on_time = metric == "on_time_rate"
    asked = Question(as_of=JUNE if on_time else date(2026, 2, 27))
    if metric == "recurring_revenue_movements":
        asked = replace(asked, as_of=date(2026, 1, 31))
    found = explain(fixture if on_time else tried, metric, asked)
    told = [(row["reason"], row["document"]) for row in found.exclusions.records()]
    assert (reason, document) in told


def test_a_score_is_told_with_its_parts(tried: Snapshot) -> None:
    found = explain(tried, "payment_behaviour", Question(as_of=date(2026, 3, 31)))
    assert any("not enough history" in line for line in found.formulas)
    assert any("0.5" in note or "50 × on_time" in note for note in found.notes)


def test_what_is_modelled_follows_from_its_inputs_as_the_notes_say() -> None:
    """Shares of the behaviour score and of concentration, worked out again from the lists."""
    day = date(2025, 12, 31)
    with published(records_of(random_book(11)), "2025-12-31") as snapshot:
        behaviour = explain(snapshot, "payment_behaviour", Question(as_of=day))
        shares = explain(snapshot, "concentration", Question(as_of=day))
    for row in behaviour.figures.records():
        if row["on_time"] is not None:
            mine = [r for r in behaviour.inputs.records() if r["customer_id"] == row["customer_id"]]
            on_time, amount = (
                weighed(mine, "weighed_on_time", day),
                weighed(mine, "weighed_amount", day),
            )
            assert abs(on_time / amount - row["on_time"]) < Decimal("0.000001")
    for row in shares.figures.records():
        held: dict[str, Decimal] = {}
        for found in shares.inputs.records():
            if (found["part"], found["currency"]) == (row["measure"], row["currency"]):
                so_far = held.get(found["customer_id"], Decimal(0))
                held[found["customer_id"]] = so_far + found["amount"]
        assert len(held) == row["customers"]
        assert abs(max(held.values()) / sum(held.values()) - row["top_1"]) < Decimal("0.000001")


def weighed(inputs: list[dict[str, Any]], column: str, day: date) -> Decimal:
    return sum(
        (
            row["amount"] * Decimal(2) ** (Decimal(-(day - row["on"]).days) / 90)
            for row in inputs
            if column in row["columns"].split()
        ),
        Decimal(0),
    )


def test_lists_may_be_the_largest_and_still_count_all(fixture: Snapshot) -> None:
    found = explain(fixture, "ar_aging", Question(as_of=JUNE), limit=2)
    assert shortly(found) == [("I3", "2000.00"), ("I2", "500.00")]
    assert (found.input_count, len(found.exclusions.rows), found.exclusion_count) == (7, 2, 3)
    assert found.adds_up


def test_a_figure_says_how_old_its_data_is(fixture: Snapshot) -> None:
    found = aging(fixture)
    assert {age.resource: age.records for age in found.ages} == {
        "customers": 4,
        "invoices": 6,
        "receivable_payments": 4,
        "credit_memos": 1,
        "recurring_invoices": 0,
    }
    assert (found.run_id, found.observed_from) == (1, date(2025, 8, 1))
    assert found.rates.rows == ()


@pytest.mark.parametrize(
    ("narrowing", "sentence"),
    [
        (Narrowing((("moon", "full"),)), "has no column “moon”: choose one of currency"),
        (Narrowing((("currency", "EUR"),)), "has no row with currency=EUR"),
        (Narrowing((), "d1_7"), "has no column “d1_7”"),
    ],
)
def test_what_is_not_there_cannot_be_explained(
    fixture: Snapshot, narrowing: Narrowing, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        explain(fixture, "ar_aging", Question(as_of=JUNE), narrowing)


def test_a_figure_that_its_inputs_do_not_give_is_found(fixture: Snapshot) -> None:
    """The proof is one: a wrong sum, and a wrong quotient, are differences."""
    formula = Formula("rate", "part × 2", "whole − part")
    cell = Cell({"rate": Decimal("0.500000")}, {"part": Decimal(1), "whole": Decimal(5)})
    assert valued(formula, cell, "ratio") == Decimal("0.500000")
    assert tell(formula, cell) == "rate = (part 1 × 2) ÷ (whole 5 − part 1) = 0.50"
    assert valued(formula, Cell({}, {"part": Decimal(1)}), "ratio") is None
