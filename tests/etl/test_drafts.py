"""What people type becomes an action's input, or one sentence."""

from decimal import Decimal

import pytest

from etl.acting.drafts import amount_from, charged, received
from etl.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("1,250.00", "USD", "1250.00"),
        (" 7 ", "USD", "7.00"),
        ("7", "JPY", "7"),
        ("0.125", "KWD", "0.125"),
    ],
)
def test_an_amount_is_read_with_its_currencys_digits(
    typed: str, currency: str, amount: str
) -> None:
    assert str(amount_from(typed, currency)) == amount


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "is not an amount"),
        ("ten", "is not an amount"),
        ("=1+1", "is not an amount"),
        ("NaN", "more than 0"),
        ("Infinity", "more than 0"),
        ("0", "more than 0"),
        ("-5", "more than 0"),
        ("9" * 30, "more than 0"),
        ("1.005", "2 digits"),
    ],
)
def test_what_is_no_amount_is_told_in_a_sentence(typed: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        amount_from(typed, "USD")


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        ("50.00", {"a": "50.00"}),
        ("100.00", {"a": "100.00"}),
        ("130.00", {"a": "100.00", "b": "30.00"}),
        ("200.00", {"a": "100.00", "b": "40.00"}),
    ],
)
def test_money_received_settles_invoices_in_their_order(amount: str, parts: dict[str, str]) -> None:
    owed = [("a", Decimal("100.00")), ("b", Decimal("40.00"))]
    given = received(Decimal(amount), owed, customerId="c")
    assert {part["id"]: part["amount"] for part in given["invoices"]} == parts
    assert (given["amount"], given["customerId"]) == (amount, "c")


def test_a_charge_names_no_bank_account() -> None:
    given = charged(Decimal("5.00"), "i", "c")
    assert given == {
        "customerId": "c",
        "invoicePayments": [{"invoiceId": "i", "amount": "5.00"}],
    }
