"""The golden fixture, exactly: loaded at once, and lived through day by day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage, golden, golden_on

AGING = {
    "2025-04-11": {"USD": "1000.00 0 0 0 0 1000.00 0 1000.00"},
    "2025-06-15": {
        "USD": "500.00 800.00 400.00 300.00 0 2000.00 -120.00 1880.00",
        "CAD": "0 2000.00 0 0 0 2000.00 0 2000.00",
    },
    "2025-06-30": {
        "USD": "750.00 0 400.00 0 300.00 1450.00 -195.00 1255.00",
        "CAD": "0 0 2000.00 0 0 2000.00 0 2000.00",
    },
    "2025-07-31": {
        "USD": "0 0 500.00 0 700.00 1200.00 -195.00 1005.00",
        "CAD": "0 0 0 2000.00 0 2000.00 0 2000.00",
    },
}


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("at-once"))
    lineage.load(golden(), "2025-08-01")
    snapshot = lineage.publish()
    assert {name: found.findings for name, found in lineage.checks.items() if found.count} == {}
    return snapshot


@pytest.fixture(scope="module")
def day_by_day(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lineage = Lineage(tmp_path_factory.mktemp("day-by-day"))
    day = date(2025, 3, 1)
    while day <= date(2025, 8, 1):
        lineage.load(golden_on(day.isoformat()), day.isoformat())
        day += timedelta(days=1)
    snapshot = lineage.publish()
    assert {name: found.findings for name, found in lineage.checks.items() if found.count} == {}
    return snapshot


def rows(snapshot: Snapshot, metric: str, as_of: str, **more: str) -> list[dict[str, object]]:
    question = Question(as_of=date.fromisoformat(as_of), **more)
    return answer(metric, snapshot, question).records()


@pytest.mark.parametrize("way", ["at_once", "day_by_day"])
@pytest.mark.parametrize("as_of", AGING)
def test_aging_is_that_of_the_fixture(way: str, as_of: str, request: pytest.FixtureRequest) -> None:
    snapshot = request.getfixturevalue(way)
    found = {
        str(row.pop("currency")): list(row.values()) for row in rows(snapshot, "ar_aging", as_of)
    }
    expected = {
        currency: [Decimal(amount) for amount in line.split()]
        for currency, line in AGING[as_of].items()
    }
    assert found == expected


@pytest.mark.parametrize("way", ["at_once", "day_by_day"])
def test_a_returned_payment_is_paid_before_and_open_after(
    way: str, request: pytest.FixtureRequest
) -> None:
    snapshot = request.getfixturevalue(way)
    open_on = {
        day: [row["invoice_id"] for row in rows(snapshot, "open_items", day)]
        for day in ("2025-04-09", "2025-04-11", "2025-04-13")
    }
    assert open_on["2025-04-09"] == ["I4", "I1"]
    assert open_on["2025-04-11"] == ["I1"]
    assert open_on["2025-04-13"] == ["I4", "I1"]


@pytest.mark.parametrize("way", ["at_once", "day_by_day"])
def test_revenue_puts_voids_credits_and_returns_on_their_own_dates(
    way: str, request: pytest.FixtureRequest
) -> None:
    snapshot = request.getfixturevalue(way)
    invoiced = {
        (row["month"], row["currency"]): row["amount"]
        for row in rows(snapshot, "invoiced_by_month", "2025-07-31")
    }
    collected = {
        (row["month"], row["currency"]): row["amount"]
        for row in rows(snapshot, "collected_by_month", "2025-07-31")
    }
    assert invoiced == {
        ("2025-03", "USD"): Decimal("300.00"),
        ("2025-04", "USD"): Decimal("1000.00"),
        ("2025-05", "CAD"): Decimal("2000.00"),
        ("2025-05", "USD"): Decimal("800.00"),
        ("2025-06", "USD"): Decimal("-170.00"),
    }
    assert collected == {
        ("2025-04", "USD"): Decimal("0.00"),
        ("2025-05", "USD"): Decimal("600.00"),
        ("2025-07", "USD"): Decimal("250.00"),
    }


@pytest.mark.parametrize("way", ["at_once", "day_by_day"])
def test_the_returned_payment_is_the_one_failure(way: str, request: pytest.FixtureRequest) -> None:
    found = rows(request.getfixturevalue(way), "failed_payments_by_month", "2025-07-31")
    assert found == [
        {"month": "2025-04", "currency": "USD", "count": 1, "amount": Decimal("300.00")}
    ]


@pytest.mark.parametrize("way", ["at_once", "day_by_day"])
def test_a_customers_history_runs_to_their_net_balance(
    way: str, request: pytest.FixtureRequest
) -> None:
    found = rows(request.getfixturevalue(way), "customer_history", "2025-07-31", customer="C3")
    assert [(str(row["on"]), row["event"], row["amount"], row["balance"]) for row in found] == [
        ("2025-05-15", "invoice_issued", Decimal("800.00"), Decimal("800.00")),
        ("2025-06-20", "invoice_issued", Decimal("250.00"), Decimal("1050.00")),
        ("2025-06-20", "invoice_archived", Decimal("-800.00"), Decimal("250.00")),
        ("2025-06-25", "payment_on_account", Decimal("-75.00"), Decimal("175.00")),
        ("2025-07-02", "payment_applied", Decimal("-250.00"), Decimal("-75.00")),
    ]
