"""How money, moments and names are written."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard import display
from etl.metrics.catalogue import CATALOGUE

NOW = datetime(2026, 11, 23, 18, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.56", "USD", "$1,234.56"),
        ("-1234.50", "USD", "−$1,234.50"),
        ("0.00", "CAD", "CA$0.00"),
        ("1200", "JPY", "¥1,200"),
        ("9.5", "EUR", "€9.5"),
        ("-9.500", "KWD", "−KWD\N{NO-BREAK SPACE}9.500"),
        ("12345678901234567.89", "USD", "$12,345,678,901,234,567.89"),
    ],
)
def test_money_keeps_every_digit(amount: str, currency: str, text: str) -> None:
    assert display.money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("9999.99", "$9,999.99"),
        ("10000.50", "$10,001"),
        ("-64478.44", "−$64,478"),
        ("1284123.45", "$1.28M"),
        ("-2510250.06", "−$2.51M"),
    ],
)
def test_a_tile_drops_what_is_noise(amount: str, text: str) -> None:
    assert display.short_money(Decimal(amount), "USD") == text


def test_no_amount_is_a_dash() -> None:
    assert display.money(None, "USD") == "–"


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (0, "just now"),
        (59, "just now"),
        (61, "1 minute ago"),
        (7_300, "2 hours ago"),
        (200_000, "2 days ago"),
        (-30, "just now"),
    ],
)
def test_how_long_ago(ago: int, text: str) -> None:
    assert display.ago(NOW - timedelta(seconds=ago), NOW) == text


def test_a_moment_is_the_tenants_and_says_its_day_where_it_is_not_today() -> None:
    assert display.moment(NOW, NOW, "America/Los_Angeles") == "10:42"
    yesterday = NOW - timedelta(days=1)
    assert display.moment(yesterday, NOW, "America/Los_Angeles") == "22 Nov 2026, 10:42"


def test_days_and_months_say_their_year() -> None:
    assert display.day(date(2026, 6, 3)) == "3 Jun 2026"
    assert display.month("2026-11") == "Nov 2026"


def test_names_become_words() -> None:
    assert display.event("invoice_issued") == "Invoice issued"
    assert display.event("payment_reversed") == "Payment returned"
    assert display.state("reconstructed") == "Inferred"
    assert display.state("unknown") == "Not known yet"
    assert display.state("PAID") == "Paid"
    assert display.plural(1, "invoice") == "1 invoice"
    assert display.plural(1200, "invoice") == "1,200 invoices"


def test_every_money_column_stands_beside_a_currency() -> None:
    for entry in CATALOGUE.values():
        names = {column.name for column in entry.metric.columns}
        if any(column.kind == "money" for column in entry.metric.columns):
            assert "currency" in names, entry.metric.name


@pytest.mark.parametrize(
    ("amount", "text"),
    [("850.49", "$850"), ("12540", "$12.5k"), ("1870050.75", "$1.9M"), ("-1500", "−$1.5k")],
)
def test_a_rough_amount_tells_its_size(amount: str, text: str) -> None:
    assert display.rough_money(Decimal(amount), "USD") == text


def test_shares_days_and_moves_are_told_to_a_tenth() -> None:
    assert (display.percent(Decimal("0.8752")), display.percent(None)) == ("87.5 %", "–")
    assert (display.days(Decimal("35.95")), display.days(None)) == ("36.0", "–")
    assert (display.signed(Decimal("1.44")), display.signed(Decimal("-0.25"))) == ("+1.4", "-0.3")
