"""Pages of a list: told apart without being parsed, and nothing of a record is lost."""

import json
from decimal import Decimal

import pytest

from billcom.paging import page_from


def test_records_keep_the_text_bill_wrote() -> None:
    first, second = '{"id":"a", "amount": 1.10}', '{"amount":2,"id":"b"}'
    page = page_from(f'{{"nextPage": "c1", "results": [{first},\n {second}]}}')
    assert page.texts == (first.encode(), second.encode())
    assert page.next_cursor == "c1"


def test_amounts_parse_as_exact_decimals() -> None:
    page = page_from('{"results": [{"id": "a", "amount": 12345678901234567.8900}]}')
    assert page.records == ({"id": "a", "amount": Decimal("12345678901234567.8900")},)


@pytest.mark.parametrize("end", ['""', "null"])
def test_an_empty_cursor_is_the_end(end: str) -> None:
    assert page_from(f'{{"results": [], "nextPage": {end}}}').next_cursor is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"half \ud83d here", "half ? here"),
        (r"half \ude00 here", "half ? here"),
        (r"whole \ud83d\ude00, half \ud83d", "whole 😀, half ?"),
        (r"no escape \\ud83d, half \udfff", r"no escape \ud83d, half ?"),
        (r"tab \t, quote \", é \u00e9, half \ud800", 'tab \t, quote ", é é, half ?'),
    ],
)
def test_half_a_surrogate_pair_costs_one_character_and_no_page(written: str, read: str) -> None:
    page = page_from(f'{{"results": [{{"id": "a", "name": "{written}"}}, {{"id": "b"}}]}}')
    assert page.records == ({"id": "a", "name": read}, {"id": "b"})


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", '{"results": null}', '{"results": [1]}', '{"results": [{}]}',
     '{"results": [{"id": ""}]}', '{"results": [{"id": 7}]}', '{"results": [], "nextPage": 7}',
     '{"results": [{"id": "a"}]', '{"results": [{"id": "a", "n": NaN}]}'],
)  # fmt: skip
def test_what_is_no_page_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        page_from(body)


def test_a_page_of_records_told_apart_is_the_page_parsed_whole() -> None:
    body = {"results": [{"id": str(n), "of": {"deep": [n, "]},{", None]}} for n in range(100)]}
    assert list(page_from(json.dumps(body)).records) == body["results"]
