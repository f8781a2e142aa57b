"""The table of reasons: whole, matched in its order, and never rash."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.billing.failure_codes import FOLDER, code_of, find_code, match_failure

with (FOLDER / "failure_codes.csv").open(encoding="utf-8", newline="") as file:
    KEYS = [(row["rail"], row["code"]) for row in csv.DictReader(file)]


def test_every_row_is_read_and_none_comes_twice() -> None:
    assert len(KEYS) == len(set(KEYS)) == 142
    assert all(code_of(*key).advice for key in KEYS)


@pytest.mark.parametrize(
    ("bucket", "codes"),
    [
        ("unauthorized", {"R05", "R07", "R10", "R11", "R29", "R51"}),
        ("administrative", {"R02", "R03", "R04"}),
    ],
)
def test_the_buckets_are_those_of_the_rules(bucket: str, codes: set[str]) -> None:
    assert {code for rail, code in KEYS if code_of(rail, code).bucket == bucket} == codes


def test_ach_lets_only_missing_money_be_presented_again_and_twice_at_most() -> None:
    again = [code_of(*key) for key in KEYS if key[0] == "ach" and code_of(*key).retries_by_itself]
    assert {code.code for code in again} == {"R01", "R09"}
    assert {(code.most_retries, code.within_days) for code in again} == {(2, 180)}


@pytest.mark.parametrize(
    ("facts", "code", "source"),
    [
        ({"entered": "r02", "change": "PAID>VOID", "text": "NSF"}, "R02", "person"),
        ({"change": "PAID>VOID", "text": "NSF"}, "PAID>VOID", "inferred"),
        ({"change": "SCHEDULED>CANCELED"}, "SCHEDULED>CANCELED", "inferred"),
        ({"text": "Returned: insufficient funds"}, "R01", "text"),
        ({"text": "corporate customer: not authorized"}, "R29", "text"),
        ({"entered": "R99", "text": "account closed"}, "R02", "text"),
        ({"entered": "R99"}, "unknown", "unknown"),
        ({"text": "route R10, load 7"}, "unknown", "unknown"),
        ({}, "unknown", "unknown"),
    ],
)
def test_a_reason_is_found_in_its_order(facts: dict[str, str], code: str, source: str) -> None:
    match = match_failure("ach", **facts)
    assert (match.code.code, match.source) == (code, source)


def test_the_same_word_is_another_code_on_another_rail() -> None:
    assert match_failure("card", text="insufficient funds").code.code == "insufficient_funds"
    assert find_code("card", "R01") is None


@settings(deadline=None)
@given(rail=st.text(), change=st.text(), text=st.text())
def test_what_nothing_explains_is_never_retried_by_itself(
    rail: str, change: str, text: str
) -> None:
    match = match_failure(rail, change=change, text=text)
    assert not match.code.retries_by_itself


@pytest.mark.parametrize("category", ["fraud_or_lost", "fraud_suspected", "sanctions", "deceased"])
def test_some_reasons_are_for_us_alone(category: str) -> None:
    codes = [code_of(*key) for key in KEYS]
    assert not any(code.may_tell_customer for code in codes if code.category == category)
