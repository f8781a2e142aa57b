"""The words of an address: what makes sense narrows, what makes none is named."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.filters import NAMES, parsed


def test_every_word_becomes_its_field_of_the_question() -> None:
    words = {
        "q": " harlow ",
        "state": "overdue",
        "amount_from": "1,000.50",
        "amount_to": "2000",
        "invoiced_from": "2026-01-01",
        "invoiced_to": "2026-01-31",
        "due_from": "2026-02-01",
        "due_to": "2026-02-28",
        "tenant": "harbor",
    }
    assert set(words) - {"tenant"} == set(NAMES)
    filters = parsed(words)
    assert filters.refused == ()
    assert filters.narrowed() == {
        "search": "harlow",
        "state": "overdue",
        "amount_from": Decimal("1000.50"),
        "amount_to": Decimal(2000),
        "from_on": date(2026, 1, 1),
        "to_on": date(2026, 1, 31),
        "due_from": date(2026, 2, 1),
        "due_to": date(2026, 2, 28),
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("state", "lost"),
        ("amount_from", "much"),
        ("amount_from", "NaN"),
        ("amount_to", "Infinity"),
        ("amount_to", "1e15"),
        ("amount_to", "1e99999999"),
        ("amount_to", "0.00001"),
        ("due_from", "2026-02-30"),
        ("invoiced_to", "' or 1=1 --"),
    ],
)
def test_a_word_without_sense_is_named_and_narrows_nothing(name: str, text: str) -> None:
    filters = parsed({name: text, "q": "harlow"})
    assert filters.refused == (name,)
    assert filters.narrowed() == {"search": "harlow"}


def test_nothing_and_spaces_narrow_nothing() -> None:
    assert parsed({"q": "   ", "state": ""}) == parsed({})


def test_filters_are_told_in_words() -> None:
    told = parsed({"state": "overdue", "amount_from": "1000", "due_to": "2026-02-28"}).told()
    assert told == ["overdue", "of 1,000 and more", "due up to 28 Feb 2026"]
