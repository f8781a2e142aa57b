"""Failure rates, recovery, retries and return rates: by hand, and against a plain way to count."""

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etl.billing.failure_codes import code_of
from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.retries import why_wasted
from etl.metrics.return_rates import standing
from etl.metrics.shares import quantile, share_of, wilson
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, at, customer, golden, invoice, payment
from tests.etl.opinions import agree_on_rates

Rows = list[dict[str, Any]]


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path / "cascade")


def ask(snapshot: Snapshot, metric: str, day: str = "2026-12-31", **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=date.fromisoformat(day), **more)).records()


def void(record: dict[str, Any], day: str, **more: Any) -> dict[str, Any]:
    return record | {"status": "VOID", "updatedTime": at(day)} | more


def bills(*ids: str) -> list[dict[str, Any]]:
    return [invoice(name, "C1", "100.00", "2026-01-02", "2026-01-12") for name in ids]


def book(payments: Sequence[dict[str, Any]], *ids: str) -> dict[str, Any]:
    return {
        "customers": [customer("C1")],
        "invoices": bills(*ids),
        "receivable_payments": payments,
    }


def online(name: str, on: str, to: str, **more: Any) -> dict[str, Any]:
    return payment(name, "C1", "100.00", on, {to: "100.00"}, **more)


def test_the_golden_fixture_has_one_failure_of_three_attempts_at_invoices(lineage: Lineage) -> None:
    lineage.load(golden(), "2025-08-01")
    snapshot = lineage.publish()
    row = ask(snapshot, "failure_rates", "2025-04-11")[0]
    assert (row["attempts"], row["pending"], row["attempt_failure_rate"]) == (0, 1, None)
    assert row["reason"] == "nothing has settled yet"
    row = ask(snapshot, "failure_rates", "2025-07-31")[0]
    assert (row["rail"], row["attempts"], row["failures"]) == ("all", 4, 1)
    assert row["attempt_failure_rate"] == Decimal("0.250000")
    assert row["invoice_failure_rate"] == Decimal("0.333333")
    assert row["failed_amount"] == Decimal("300.00")


def test_a_transfer_counts_only_after_its_bank_could_return_it(lineage: Lineage) -> None:
    lineage.load(book([online("P1", "2026-01-08", "I1")], "I1"), "2026-01-08")  # a Thursday
    snapshot = lineage.publish()
    settled = {
        day: ask(snapshot, "failure_rates", day)[0]["attempts"]
        for day in ("2026-01-08", "2026-01-12", "2026-01-13")
    }
    assert settled == {"2026-01-08": 0, "2026-01-12": 0, "2026-01-13": 1}


def test_what_was_called_off_is_no_failure(lineage: Lineage) -> None:
    made = {"createdTime": at("2026-01-08"), "updatedTime": at("2026-01-08")}
    planned = online("P1", "2026-01-20", "I1", status="SCHEDULED", **made)
    stopped = planned | {"status": "CANCELED", "updatedTime": at("2026-01-15")}
    lineage.load(book([planned], "I1"), "2026-01-08")
    lineage.load({"receivable_payments": [stopped]}, "2026-01-15")
    (row, _) = ask(lineage.publish(), "failure_rates")
    assert (row["attempts"], row["canceled"], row["invoices"]) == (0, 1, 0)


def test_recovery_tells_by_which_way_and_how_soon(lineage: Lineage) -> None:
    failing = [online(f"F{n}", "2026-01-12", f"I{n}") for n in range(5)]
    cures = [
        online("S1", "2026-01-19", "I0"),
        online("S2", "2026-01-25", "I1", receivablesType="CREDIT_CARD"),
        online("S3", "2026-02-03", "I2", receivablesType="CHECK", onlinePayment=False),
        online("S4", "2026-03-20", "I3"),
    ]
    voided = [void(record, "2026-01-14") for record in failing]
    lineage.load(book([*voided, *cures], *(f"I{n}" for n in range(5))), "2026-06-01")
    snapshot = lineage.publish()
    found = {row["within_days"]: row for row in ask(snapshot, "recovery_rates")}
    assert [found[days]["recovered"] for days in (7, 14, 30, 60)] == [1, 2, 3, 3]
    assert found[30]["recovery_rate"] == Decimal("0.600000")
    assert [found[60][name] for name in ("same_method", "other_method", "manual")] == [1, 1, 1]
    (row,) = ask(snapshot, "failure_recovery")
    assert (row["recovered"], row["waiting"]) == (4, 1)
    assert (row["median_days"], row["p90_days"]) == (Decimal("15.50"), Decimal("65.00"))
    assert (row["failed_amount"], row["net_recovered"]) == (Decimal("500.00"), Decimal("400.00"))


def test_a_cohort_that_is_too_young_has_no_rate(lineage: Lineage) -> None:
    lineage.load(book([void(online("F1", "2026-01-12", "I1"), "2026-01-14")], "I1"), "2026-01-14")
    found = {r["within_days"]: r for r in ask(lineage.publish(), "recovery_rates", "2026-01-22")}
    assert (found[7]["invoices"], found[7]["recovery_rate"]) == (1, Decimal("0.000000"))
    assert (found[14]["invoices"], found[14]["recovery_rate"]) == (0, None)
    assert found[14]["reason"] == "no failure is that old yet"


def test_what_came_back_again_is_not_recovered_money(lineage: Lineage) -> None:
    first = void(online("F1", "2026-01-12", "I1"), "2026-01-14")
    again = void(online("F2", "2026-01-20", "I1"), "2026-01-23")
    lineage.load(book([first, again], "I1"), "2026-02-01")
    snapshot = lineage.publish()
    assert ask(snapshot, "failure_recovery", "2026-01-21")[0]["net_recovered"] == Decimal("100.00")
    assert ask(snapshot, "failure_recovery")[0]["net_recovered"] == Decimal("0.00")


def test_retries_are_told_apart_by_their_number_and_the_failure_before(lineage: Lineage) -> None:
    tried = [
        void(online(f"P{n}", f"2026-01-{12 + 4 * n}", "I1"), f"2026-01-{13 + 4 * n}")
        for n in range(4)
    ]
    worked = online("P9", "2026-02-12", "I1")
    told = void(online("Q1", "2026-01-12", "I2"), "2026-01-13", description="R02 account closed")
    rash = online("Q2", "2026-01-16", "I2")
    lineage.load(book([*tried, worked, told, rash], "I1", "I2"), "2026-03-01")
    snapshot = lineage.publish()
    found = {(row["category"], row["retry"]): row for row in ask(snapshot, "retry_yield")}
    assert {key: (row["retries"], row["successes"]) for key, row in found.items()} == {
        ("account_closed", 1): (1, 1),
        ("unknown", 1): (1, 0),
        ("unknown", 2): (1, 0),
        ("unknown", 3): (1, 0),
        ("unknown", 4): (1, 1),
    }
    (wasted,) = ask(snapshot, "wasted_retries")
    counts = ("retries", "after_never", "over_cap", "wasted")
    assert [wasted[name] for name in counts] == [5, 1, 2, 3]
    assert wasted["wasted_share"] == Decimal("0.600000")


def test_a_schemes_most_is_never_passed_by_a_codes_own() -> None:
    funds = code_of("card", "insufficient_funds")
    assert [why_wasted("card", n, funds) for n in (8, 9)] == [None, "over_cap"]
    assert why_wasted("ach", 3, code_of("provider", "unknown")) == "over_cap"
    assert why_wasted("card", 1, code_of("card", "stolen_card")) == "after_never"


def test_one_return_of_two_hundred_is_at_the_level_and_not_over() -> None:
    limit = Decimal("0.005")
    assert standing(1, 200, limit) == "at"
    assert standing(2, 200, limit) == "over"
    assert standing(0, 200, limit) == "below"
    assert share_of(1, 200) == Decimal("0.005000")


def test_one_return_among_few_debits_is_watched_and_two_are_over() -> None:
    limit = Decimal("0.005")
    assert [standing(n, 40, limit) for n in (0, 1, 2)] == ["below", "watch", "over"]


def test_return_rates_count_a_code_in_its_bucket_and_all_in_the_overall(lineage: Lineage) -> None:
    told = void(online("P1", "2026-01-12", "I1"), "2026-01-14", description="not authorized")
    bare = void(online("P2", "2026-01-12", "I2"), "2026-01-14")
    fine = [online(f"P{n}", "2026-01-12", f"I{n}") for n in (3, 4)]
    lineage.load(book([told, bare, *fine], "I1", "I2", "I3", "I4"), "2026-02-01")
    found = {r["meter"]: r for r in ask(lineage.publish(), "return_rates", "2026-02-01")}
    assert {name: row["returned"] for name, row in found.items()} == {
        "unauthorized": 1,
        "administrative": 0,
        "overall": 2,
    }
    assert found["overall"]["rate"] == Decimal("0.500000")
    assert found["overall"]["without_code"] == 1
    assert found["unauthorized"]["standing"] == "watch"
    assert found["overall"]["low"] < Decimal("0.5") < found["overall"]["high"]


def test_reasons_are_seen_read_or_unknown(lineage: Lineage) -> None:
    seen = online("P1", "2026-01-12", "I1")
    told = void(online("P2", "2026-01-12", "I2"), "2026-01-14", description="Returned NSF")
    bare = void(online("P3", "2026-01-12", "I3"), "2026-01-14")
    lineage.load(book([seen, told, bare], "I1", "I2", "I3"), "2026-01-14")
    lineage.load({"receivable_payments": [void(seen, "2026-01-16")]}, "2026-01-16")
    snapshot = lineage.publish()
    found = {row["code"]: row["source"] for row in ask(snapshot, "failure_reasons")}
    assert found == {"PAID>VOID": "inferred", "R01": "text", "unknown": "unknown"}
    (row,) = ask(snapshot, "unknown_code_share")
    counts = (row["failures"], row["without_code"], row["unexplained"], row["share"])
    assert counts == (3, 2, 1, Decimal("0.666667"))
    assert row["standing"] == "over"


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 300))
def test_the_interval_holds_the_rate_and_narrows_with_more_debits(part: int, whole: int) -> None:
    part = min(part, whole)
    few, many, rate = wilson(part, whole), wilson(part * 10, whole * 10), share_of(part, whole)
    assert few is not None
    assert many is not None
    assert rate is not None
    assert 0 <= few[0] <= rate <= few[1] <= 1
    assert many[1] - many[0] <= few[1] - few[0]


def test_quantiles_are_of_the_values_themselves() -> None:
    assert quantile([], 50) is None
    assert quantile([5, 1, 9], 50) == Decimal("5.00")
    assert quantile([1, 2], 50) == Decimal("1.50")
    assert quantile(list(range(1, 11)), 90) == Decimal("9.50")
    assert quantile([7], 90) == Decimal("7.00")


DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@st.composite
def attempts(draw: st.DrawFn, name: str) -> dict[str, Any]:
    dated, created, changed = draw(DAYS), draw(DAYS), draw(DAYS)
    to = draw(st.sets(st.sampled_from(["I1", "I2", "I3"]), max_size=2))
    return payment(
        name,
        draw(st.sampled_from(["C1", "C2"])),
        "100.00",
        dated.isoformat(),
        dict.fromkeys(sorted(to), "50.00"),
        status=draw(st.sampled_from(["PAID", "VOID", "CANCELED", "SCHEDULED"])),
        onlinePayment=draw(st.sampled_from([True, True, True, False])),
        receivablesType=draw(st.sampled_from(["ACH", "ACH", "CREDIT_CARD", "WALLET"])),
        createdTime=at(min(created, changed).isoformat()),
        updatedTime=at(changed.isoformat()),
    )


@settings(max_examples=20, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_rates_agree_with_the_plain_way_on_random_books(data: st.DataObject) -> None:
    payments = [data.draw(attempts(f"P{n:02}")) for n in range(data.draw(st.integers(1, 12)))]
    records = book(payments, "I1", "I2", "I3")
    records["customers"] = [customer("C1"), customer("C2", "CAD")]
    with tempfile.TemporaryDirectory() as folder:
        lineage = Lineage(Path(folder))
        lineage.load(records, "2026-06-01")
        snapshot = lineage.publish()
        for day in data.draw(st.lists(DAYS, min_size=1, max_size=4)):
            rates = ask(snapshot, "failure_rates", day.isoformat())
            agree_on_rates(rates, records, day)
        snapshot.hub.close()
