"""Totals in a reporting currency: each document at its day's rate, and none without one."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import UsageError
from etl.exchange.rate import Rate
from etl.explanations.explainer import explain
from etl.metrics.catalogue import CATALOGUE, answer
from etl.metrics.figures import Converted, Figures, Question
from etl.warehouse.snapshot import Snapshot
from tests.etl import random_books
from tests.etl.books import Book, Lineage, credit_memo, customer, golden, invoice, payment
from tests.etl.random_books import random_book, records_of

D = Decimal
FIRST, LAST = random_books.FIRST.date(), random_books.LAST.date()
JUNE_END = date(2025, 6, 30)
CONVERTIBLE = [name for name, entry in CATALOGUE.items() if entry.metric.needs]


def rate(currency: str, quote: str, on: date | str, number: str) -> Rate:
    day = on if isinstance(on, date) else date.fromisoformat(on)
    return Rate(currency, quote, day, D(number), "rates.csv")


@contextmanager
def published(book: Book, *rates: Rate, on: str = "2026-12-31") -> Iterator[Snapshot]:
    with tempfile.TemporaryDirectory() as folder:
        lineage = Lineage(Path(folder))
        lineage.rates = rates
        lineage.load(book, on)
        snapshot = lineage.publish()
        try:
            yield snapshot
        finally:
            snapshot.hub.close()


def ask(snapshot: Snapshot, metric: str, day: date, **more: Any) -> Figures:
    question = Question(as_of=day, **{"reporting": "USD", **more})
    return answer(metric, snapshot, question)


def converted(snapshot: Snapshot, metric: str, day: date, **more: Any) -> Converted:
    found = ask(snapshot, metric, day, **more).converted
    assert found is not None
    return found


def rows(snapshot: Snapshot, metric: str, day: date, **more: Any) -> list[dict[str, Any]]:
    return converted(snapshot, metric, day, **more).figures.records()


@pytest.fixture(scope="module")
def june() -> Iterator[Snapshot]:
    """The golden fixture with one rate, of its last day of June."""
    with published(golden(), rate("CAD", "USD", JUNE_END, "0.7300"), on="2025-08-01") as snapshot:
        yield snapshot


def test_an_explanation_says_where_its_rates_come_from_and_what_has_none(june: Snapshot) -> None:
    found = explain(june, "ar_aging", Question(as_of=JUNE_END, reporting="USD"))
    assert found.rates.rows == (("CAD", "USD", "rates.csv", JUNE_END, JUNE_END, D("0.73000000")),)
    before = explain(june, "ar_aging", Question(as_of=date(2025, 6, 29), reporting="USD"))
    missing = [one for one in before.reasons if one.reason.startswith("no rate")]
    assert [(one.currency, one.count, one.amount) for one in missing] == [("CAD", 1, D("2000.00"))]
    assert before.rates.rows == ()
    assert found.adds_up
    assert before.adds_up


def test_the_golden_fixtures_net_is_2715_dollars(june: Snapshot) -> None:
    figures = ask(june, "ar_aging", JUNE_END)
    assert [(row["currency"], row["net"]) for row in figures.records()] == [
        ("CAD", D("2000.00")),
        ("USD", D("1255.00")),
    ]
    assert figures.converted is not None
    (total,) = figures.converted.figures.records()
    assert list(total.values()) == [
        "USD",
        *map(D, ("750.00", "0.00", "1860.00", "0.00", "300.00", "2910.00", "-195.00", "2715.00")),
    ]
    assert (figures.converted.unconverted_count, figures.converted.unconverted) == (0, ())
    (used,) = figures.converted.rates
    assert (used.currency, used.source, used.closing) == ("CAD", "rates.csv", D("0.73000000"))


def test_a_document_without_a_rate_is_listed_and_counted_and_in_no_total(june: Snapshot) -> None:
    day = date(2025, 7, 31)
    found = converted(june, "ar_aging", day)
    assert [row["net"] for row in found.figures.records()] == [D("1005.00")]
    assert found.unconverted_count == 1
    ((missing),) = found.unconverted
    assert (missing.kind, missing.currency, missing.count) == ("open_item", "CAD", 1)
    assert missing.amount == D(2000)
    listed = ask(june, "unconverted", day).records()
    assert [(row["kind"], row["document"], row["amount"], row["needed_on"]) for row in listed] == [
        ("invoiced", "I3", D("2000.00"), date(2025, 5, 10)),
        ("open_item", "I3", D("2000.00"), day),
    ]


def test_an_open_item_has_its_converted_amount_beside_it(june: Snapshot) -> None:
    day = JUNE_END + timedelta(days=8)
    for as_of, expected in ((JUNE_END, D("1460.00")), (day, None)):
        found = {row["invoice_id"]: row for row in ask(june, "open_items", as_of).records()}
        assert found["I3"]["converted_amount"] == expected
        assert (found["I3"]["currency"], found["I3"]["open_amount"]) == ("CAD", D("2000.00"))
        assert found["I1"]["converted_amount"] == D("400.00")


@pytest.mark.parametrize(
    ("days", "is_covered"), [(-1, False), (0, True), (1, True), (7, True), (8, False)]
)
def test_a_rate_covers_its_day_and_the_seven_after_it(
    june: Snapshot, days: int, is_covered: bool
) -> None:
    found = converted(june, "ar_aging", JUNE_END + timedelta(days=days))
    assert found.unconverted_count == (0 if is_covered else 1)


def one_invoice(currency: str, *amounts: str, on: str = "2025-03-03", **more: Any) -> Book:
    invoices = [
        invoice(f"I{n}", "C1", amount, on, "2025-04-02", **more) for n, amount in enumerate(amounts)
    ]
    return {"customers": [customer("C1", currency)], "invoices": invoices}


def test_each_document_is_rounded_before_it_is_added() -> None:
    """Three times 0.0146 is 0.0438: 0.04 of the sum, and 0.03 of three roundings."""
    book = one_invoice("CAD", "0.02", "0.02", "0.02")
    with published(book, rate("CAD", "USD", "2025-03-03", "0.73")) as snapshot:
        (total,) = rows(snapshot, "ar_aging", date(2025, 3, 3))
        items = rows(snapshot, "open_items", date(2025, 3, 3))
    assert total["gross"] == D("0.03")
    assert sum(item["open_amount"] for item in items) == total["gross"]


@pytest.mark.parametrize(
    ("reporting", "number", "expected"),
    [("JPY", "149.505", "150"), ("KWD", "0.3065", "0.307"), ("USD", "1.005", "1.01")],
)
def test_the_minor_unit_is_the_reporting_currencys(
    reporting: str, number: str, expected: str
) -> None:
    book = one_invoice("EUR", "1.00")
    with published(book, rate("EUR", reporting, "2025-03-03", number)) as snapshot:
        (total,) = rows(snapshot, "ar_aging", date(2025, 3, 3), reporting=reporting)
        (item,) = ask(snapshot, "open_items", date(2025, 3, 3), reporting=reporting).records()
    assert str(total["gross"]) == expected
    assert str(item["converted_amount"]) == expected
    assert str(item["open_amount"]) == "1.00"


def test_only_the_other_direction_is_inverted_exactly_and_labelled() -> None:
    book = one_invoice("CAD", "1000000.00")
    with published(book, rate("USD", "CAD", "2025-03-03", "1.37")) as snapshot:
        found = converted(snapshot, "ar_aging", date(2025, 3, 3))
    (used,) = found.rates
    assert (used.is_inverse, used.closing) == (True, D("0.72992701"))
    assert found.figures.records()[0]["gross"] == D("729927.01")


def test_the_own_direction_goes_before_a_newer_inverse() -> None:
    rates = (rate("CAD", "USD", "2025-03-03", "0.70"), rate("USD", "CAD", "2025-03-05", "1.00"))
    with published(one_invoice("CAD", "100.00"), *rates) as snapshot:
        grosses = [
            rows(snapshot, "ar_aging", date(2025, 3, day))[0]["gross"] for day in (5, 10, 11)
        ]
    assert grosses == [D("70.00"), D("70.00"), D("100.00")]


def test_nothing_is_worked_out_by_way_of_a_third_currency() -> None:
    rates = (rate("CAD", "EUR", "2025-03-03", "0.66"), rate("EUR", "USD", "2025-03-03", "1.10"))
    with published(one_invoice("CAD", "100.00"), *rates) as snapshot:
        assert converted(snapshot, "ar_aging", date(2025, 3, 3)).unconverted_count == 1


def test_bills_own_rate_is_that_of_its_invoice_and_an_observation_for_others() -> None:
    book = {
        "customers": [customer("C1", "CAD")],
        "invoices": [
            invoice("I1", "C1", "100.00", "2025-03-03", "2025-04-02", exchangeRate=D("0.70")),
            invoice("I2", "C1", "100.00", "2025-03-03", "2025-04-02", exchangeRate=D("0.80")),
        ],
    }
    day = date(2025, 3, 3)
    with published(book) as snapshot:
        (invoiced,) = rows(snapshot, "invoiced_by_month", day)
        aging = converted(snapshot, "ar_aging", day)
        assert converted(snapshot, "invoiced_by_month", day, reporting="EUR").unconverted_count == 2
    assert invoiced["amount"] == D("150.00")  # each at its own
    assert aging.figures.records()[0]["gross"] == D("160.00")  # both at the last that BILL told
    assert [used.source for used in aging.rates] == ["exchangeRate of BILL"]
    with published(book, rate("CAD", "USD", "2025-03-01", "0.75")) as snapshot:
        (invoiced,) = rows(snapshot, "invoiced_by_month", day)
    assert invoiced["amount"] == D("150.00")
    with published(book, rate("CAD", "USD", "2025-03-01", "0.60")) as snapshot:
        (invoiced,) = rows(snapshot, "invoiced_by_month", day)
    assert invoiced["amount"] == D("120.00")  # a rate of our own that covers the day goes before


def test_invoices_cash_and_balances_take_the_rates_of_their_own_days() -> None:
    book = {
        "customers": [customer("C1", "CAD")],
        "invoices": [invoice("I1", "C1", "100.00", "2025-03-03", "2025-04-02")],
        "receivable_payments": [payment("P1", "C1", "60.00", "2025-03-20", {"I1": "60.00"})],
    }
    rates = (
        rate("CAD", "USD", "2025-03-03", "0.70"),
        rate("CAD", "USD", "2025-03-20", "0.75"),
        rate("CAD", "USD", "2025-03-31", "0.80"),
    )
    with published(book, *rates) as snapshot:
        (bridge,) = rows(snapshot, "revenue_bridge", date(2025, 3, 31))
    assert (bridge["invoiced"], bridge["collected"]) == (D("70.00"), D("-45.00"))
    assert bridge["closing"] == D("32.00")
    assert (bridge["fx"], bridge["difference"], bridge["reason"]) == (D("7.00"), D("0.00"), None)


def test_a_month_that_lacks_a_rate_says_that_its_exchange_cannot_be_told() -> None:
    book = one_invoice("CAD", "100.00")
    with published(book, rate("CAD", "USD", "2025-03-03", "0.70")) as snapshot:
        found = rows(snapshot, "revenue_bridge", date(2025, 4, 1))
    assert [(row["fx"], row["difference"]) for row in found] == [(None, None)] * 2
    assert all("no rate" in row["reason"] for row in found)


def test_a_customer_without_a_rate_is_not_shown_as_owing_nothing(june: Snapshot) -> None:
    found = {row["customer_id"] for row in rows(june, "customers", date(2025, 7, 31))}
    assert found == {"C1", "C3", "C4"}
    assert {row["customer_id"] for row in rows(june, "customers", JUNE_END)} == found | {"C2"}


def test_what_has_no_rate_is_asked_of_the_tenants_own_currency_unless_another_is_named(
    june: Snapshot,
) -> None:
    own = ask(june, "unconverted", JUNE_END, reporting=None).records()
    assert {row["currency"] for row in own} == {"CAD"}
    assert own == ask(june, "unconverted", JUNE_END, reporting="USD").records()
    euros = ask(june, "unconverted", JUNE_END, reporting="EUR").records()
    assert {row["currency"] for row in euros} == {"CAD", "USD"}


def test_one_currency_may_be_told_in_another(june: Snapshot) -> None:
    figures = ask(june, "ar_aging", JUNE_END, currency="CAD")
    assert [row["net"] for row in figures.records()] == [D("2000.00")]
    assert figures.converted is not None
    assert [row["net"] for row in figures.converted.figures.records()] == [D("1460.00")]
    alone = converted(june, "ar_aging", date(2025, 7, 31), currency="USD")
    assert (alone.unconverted_count, len(alone.figures.rows)) == (0, 1)


def test_a_metric_without_such_a_total_says_so(june: Snapshot) -> None:
    with pytest.raises(UsageError, match="ask it without --reporting"):
        ask(june, "cash_forecast", JUNE_END)


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_one_currency_converted_into_itself_is_as_it_was(june: Snapshot, name: str) -> None:
    own = ask(june, name, JUNE_END, currency="USD", reporting=None).records()
    assert rows(june, name, JUNE_END, currency="USD") == own


# Against an independent reckoning, over books written at random.


def random_rates(seed: int, *, gaps: bool) -> list[Rate]:
    """Rates of every fifth day or so that wander; with gaps, some weeks have none."""
    rng, found = Random(seed), []
    level = {"CAD": D("0.73"), "JPY": D("0.0066"), "KWD": D("3.25")}
    day = FIRST - timedelta(days=40)
    while day < LAST + timedelta(days=60):
        for code, before in level.items():
            level[code] = (before * rng.randrange(97, 104) / 100).quantize(D("0.00000001"))
            if not (gaps and rng.random() < 0.4):
                found.append(rate(code, "USD", day, str(level[code])))
        day += timedelta(days=5)
    return found


def reckoned(rates: Sequence[Rate], currency: str, day: date) -> Decimal | None:
    if currency == "USD":
        return D(1)
    known = [r for r in rates if r.currency == currency and 0 <= (day - r.rate_on).days <= 7]
    return max(known, key=lambda r: r.rate_on).rate if known else None


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), gaps=st.booleans(), back=st.integers(0, 300))
def test_converted_and_unconverted_are_all_documents(seed: int, gaps: bool, back: int) -> None:
    rates, day = random_rates(seed, gaps=gaps), LAST - timedelta(days=back)
    book = dict(records_of(random_book(seed)))
    for record in book["invoices"]:
        record.pop("exchangeRate", None)
    with published(book, *rates) as snapshot:
        items = ask(snapshot, "open_items", day, reporting=None).records()
        aging = converted(snapshot, "ar_aging", day)
        listed = ask(snapshot, "unconverted", day).records()
        events = snapshot.rows(
            "select currency, effective_on, revenue, cash, collected from ledger"
        )
        invoiced = rows(snapshot, "invoiced_by_month", day)
        collected = rows(snapshot, "collected_by_month", day)
    expected, missing = D(0), set()
    for item in items:
        number = reckoned(rates, item["currency"], day)
        if number is None:
            missing.add((item["invoice_id"], item["open_amount"]))
        else:
            expected += cents(item["open_amount"] * number)
    assert sum(row["gross"] for row in aging.figures.records()) == expected
    found = {(r["document_id"], r["amount"]) for r in listed if r["kind"] == "open_item"}
    assert found == missing
    counts = {(m.currency, m.count) for m in aging.unconverted if m.kind == "open_item"}
    assert sum(count for _currency, count in counts) == len(missing)
    for at, figures in ((2, invoiced), (4, collected)):
        months: dict[str, Decimal] = defaultdict(Decimal)
        for event in events:
            number = reckoned(rates, event[0], event[1])
            if event[1] <= day and number is not None:
                months[month_of(event[1])] += cents(event[at] * number)
        told = {row["month"]: row["amount"] for row in figures}
        assert {m: a for m, a in told.items() if a} == {m: a for m, a in months.items() if a}


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), gaps=st.booleans())
def test_the_bridge_of_any_book_closes_in_the_reporting_currency(seed: int, gaps: bool) -> None:
    with published(records_of(random_book(seed)), *random_rates(seed, gaps=gaps)) as snapshot:
        bridge = rows(snapshot, "revenue_bridge", LAST)
        (aging,) = rows(snapshot, "ar_aging", LAST) or [{"net": D(0)}]
        trend = {row["month"]: row["net"] for row in rows(snapshot, "ar_by_month", LAST)}
    flows = ("invoiced", "tax", "credits", "collected", "tax_collected", "on_account", "held", "fx")
    for row in bridge:
        assert row["closing"] == trend[row["month"]]
        if row["reason"] is None:
            assert row["opening"] + sum(row[name] for name in flows) == row["closing"]
            assert row["difference"] == 0
        else:
            assert (row["fx"], row["difference"]) == (None, None)
    assert bridge[-1]["closing"] == aging["net"]
    if not gaps:
        assert {row["reason"] for row in bridge} == {None}


def test_rates_that_never_move_leave_only_what_rounding_does() -> None:
    rates = [
        rate(code, "USD", FIRST + timedelta(days=7 * week), number)
        for week in range(-6, 60)
        for code, number in (("CAD", "0.73"), ("JPY", "0.0066"), ("KWD", "3.25"))
    ]
    with published(records_of(random_book(5)), *rates) as snapshot:
        bridge = rows(snapshot, "revenue_bridge", LAST)
        moved = [row["fx"] for row in bridge]
    assert all(abs(fx) < D("0.60") for fx in moved)


def test_credits_and_money_on_account_take_the_closing_rate_while_they_wait() -> None:
    book = {
        "customers": [customer("C1", "CAD")],
        "receivable_payments": [payment("P1", "C1", "60.00", "2025-03-20", {})],
        "credit_memos": [credit_memo("CM1", "C1", "40.00", "2025-03-10")],
    }
    rates = (rate("CAD", "USD", "2025-03-20", "0.75"), rate("CAD", "USD", "2025-03-31", "0.80"))
    with published(book, *rates) as snapshot:
        (total,) = rows(snapshot, "ar_aging", date(2025, 3, 31))
        missing = converted(snapshot, "invoiced_by_month", date(2025, 3, 31)).unconverted
    assert total["unapplied"] == D("-80.00")
    assert [(m.kind, m.count, m.amount) for m in missing] == [("invoiced", 1, D("-40.0000"))]


def test_a_new_rate_makes_a_new_snapshot_and_the_old_one_keeps_its_figures(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)
    lineage.rates = [rate("CAD", "USD", JUNE_END, "0.7300")]
    lineage.load(golden(), "2025-08-01")
    first = lineage.publish()
    lineage.rates = [rate("CAD", "USD", JUNE_END, "0.8000")]
    lineage.run_id += 1
    second = lineage.publish()
    nets = [rows(snapshot, "ar_aging", JUNE_END)[0]["net"] for snapshot in (first, second, first)]
    assert nets == [D("2715.00"), D("2855.00"), D("2715.00")]
