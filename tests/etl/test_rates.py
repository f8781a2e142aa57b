"""Exchange rates on their way in: what is read, what is refused, what is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billcom.sandbox.server import Sandbox
from etl.back_office import BackOffice
from etl.errors import RatesError
from etl.exchange.csv_rates import read_csv
from etl.exchange.json_rates import read_json
from etl.exchange.rate import Rate
from etl.store import rates
from etl.store.models import AuditEntry, FxRate
from etl.store.tenants import find_tenant
from tests.etl.conftest import NOW, connected

TODAY = date(2026, 11, 23)
HEADER = "currency,quote,on,rate\n"


def csv(text: str) -> list[Rate]:
    return read_csv(text, source="rates.csv", latest=TODAY)


def rate(currency: str, quote: str, on: str, number: str, source: str = "rates.csv") -> Rate:
    return Rate(currency, quote, date.fromisoformat(on), Decimal(number), source)


def test_every_line_is_a_rate() -> None:
    found = csv(
        f"\ufeff{HEADER}CAD,USD,2025-06-30,0.7300\r\n\n JPY , USD ,2025-06-30, 0.00694\n"[1:]
    )
    assert found == [
        rate("CAD", "USD", "2025-06-30", "0.73"),
        rate("JPY", "USD", "2025-06-30", "0.00694"),
    ]


def test_columns_may_stand_in_any_order() -> None:
    assert csv("rate,on,quote,currency\n1.36,2025-06-30,CAD,USD\n") == [
        rate("USD", "CAD", "2025-06-30", "1.36")
    ]


def test_what_is_beyond_eight_digits_is_rounded_half_up() -> None:
    (found,) = csv(f"{HEADER}JPY,USD,2025-06-30,0.006934565000000001\n")
    assert str(found.rate) == "0.00693457"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("CAD,USD,2025-06-30,0", "Line 2: “0” is not a rate: give a number above 0"),
        ("CAD,USD,2025-06-30,-1", "Line 2: “-1” is not a rate"),
        ("CAD,USD,2025-06-30,0.000000001", "Line 2: “0.000000001” is not a rate"),
        ("CAD,USD,2025-06-30,10000000000", "Line 2: “10000000000” is not a rate"),
        ("CAD,USD,2025-06-30,1e3", "Line 2: “1e3” is not a rate"),
        ("CAD,USD,2025-06-30,٣", "Line 2: “٣” is not a rate"),
        ("CAD,USD,2025-06-30,NaN", "Line 2: “NaN” is not a rate"),
        ("CAD,USD,2025-06-30,0.73\ncad,USD,2025-06-30,0.73", "Line 3: “cad” is not a currency"),
        ("CAD,CAD,2025-06-30,1", "Line 2: CAD in CAD needs no rate"),
        ("CAD,USD,30.6.2025,0.73", "Line 2: “30.6.2025” is not a date: give it as YYYY-MM-DD"),
        ("CAD,USD,20250630,0.73", "Line 2: “20250630” is not a date"),
        ("CAD,USD,2026-11-24,0.73", "Line 2: 2026-11-24 is still to come"),
        ("CAD,USD,2025-06-30", "Line 2: it has 3 cells where 4 are due"),
        ('CAD,USD,2025-06-30,"0.73', "Line 2: it is not CSV"),
        (
            "CAD,USD,2025-06-30,0.73\nCAD,USD,2025-06-30,0.74",
            "CAD in USD has two rates for 2025-06-30, 0.73000000 and 0.74000000: leave one",
        ),
    ],
)
def test_a_line_that_is_no_rate_is_named(lines: str, said: str) -> None:
    with pytest.raises(RatesError) as told:
        csv(HEADER + lines)
    assert str(told.value).startswith(said)
    assert str(told.value).endswith("Nothing was recorded.")


def test_a_file_without_its_columns_says_which() -> None:
    with pytest.raises(RatesError, match="must name the columns currency, quote, on, rate"):
        csv("from,to,on,rate\nCAD,USD,2025-06-30,0.73\n")


def json(text: str) -> list[Rate]:
    return read_json(text, source="rates.example", latest=TODAY)


def test_a_providers_day_is_read() -> None:
    found = json('{"amount":1.0,"base":"USD","date":"2026-01-02","rates":{"CAD":1.36,"USD":1}}')
    assert found == [rate("USD", "CAD", "2026-01-02", "1.36", "rates.example")]


def test_a_providers_days_are_read() -> None:
    found = json(
        '{"base":"JPY","start_date":"2026-01-02","rates":'
        '{"2026-01-02":{"CAD":0.0087,"USD":6.39e-3},"2026-01-05":{"CAD":0.0088}}}'
    )
    assert found == [
        rate("JPY", "CAD", "2026-01-02", "0.0087", "rates.example"),
        rate("JPY", "USD", "2026-01-02", "0.00639", "rates.example"),
        rate("JPY", "CAD", "2026-01-05", "0.0088", "rates.example"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"rates": []}',
        '{"base":"USD","date":"2026-01-02","rates":{}}',
        '{"base":"USD","rates":{"CAD":1.36}}',
        '{"date":"2026-01-02","rates":{"CAD":1.36}}',
        '{"base":"USD","date":"2026-01-02","rates":{"CAD":null}}',
        '{"base":"USD","date":"2026-01-02","rates":{"CAD":true}}',
        '{"base":"USD","date":"2026-01-02","rates":{"CAD":0}}',
        '{"base":"USD","date":"2026-01-02","rates":{"CAD":NaN}}',
        '{"base":"USD","date":"2026-01-02","rates":{"CAD":1e999999999}}',
        '{"base":"USD","amount":10,"date":"2026-01-02","rates":{"CAD":13.6}}',
        '{"base":"USD","rates":{"2026-01-02":{"CAD":1.36},"2026-01-05":1.36}}',
        "[" * 100_000,
    ],
)
def test_another_shape_is_refused_with_the_shape_that_is_not(text: str) -> None:
    with pytest.raises(RatesError, match="an answer like"):
        json(text)


@pytest.mark.both_databases
def test_the_newest_rate_of_a_day_counts_and_the_older_stays(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    first = [rate("CAD", "USD", "2025-06-30", "0.73"), rate("CAD", "USD", "2025-07-01", "0.74")]
    corrected = [replace(first[0], rate=Decimal("0.7312345678")), first[1]]
    with office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        assert rates.record_rates(session, tenant, first, at=NOW, actor="test") == 2
        assert rates.record_rates(session, tenant, first, at=NOW, actor="test") == 0
        later = NOW + timedelta(hours=1)
        assert rates.record_rates(session, tenant, corrected, at=later, actor="test") == 1
    with office.store.read() as session:
        assert rates.current_rates(session, tenant.id) == corrected
        assert rates.current_rates(session, tenant.id, recorded_before=later) == first
        assert rates.newest_day(session, tenant.id) == date(2025, 7, 1)
        assert rates.newest_day(session, tenant.id, source="elsewhere") is None
        assert session.query(FxRate).count() == 3
        told = session.query(AuditEntry).filter_by(what="rates.recorded").all()
    assert [entry.detail["count"] for entry in told] == [2, 1]
    assert told[0].detail["pairs"] == ["CAD/USD"]


def test_one_tenants_rates_are_not_anothers(office: BackOffice, seeded: Sandbox) -> None:
    connected(office, seeded)
    with office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        held = [rate("CAD", "USD", "2025-06-30", "0.73")]
        rates.record_rates(session, tenant, held, at=datetime(2026, 1, 1, tzinfo=UTC), actor="test")
        assert rates.current_rates(session, tenant.id + 1) == []
        assert rates.newest_day(session, tenant.id + 1) is None
