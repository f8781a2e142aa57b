"""Why payments fail: the table of codes, and which of them a failure is.

The tables are data (`failure_codes.csv`, `failure_categories.csv`, `failure_texts.csv`). Schemes
change their lists: who changes a row raises VERSION, so that figures say by which table they were
made.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

__all__ = [
    "UNKNOWN",
    "VERSION",
    "FailureCode",
    "Match",
    "code_of",
    "codes_to_enter",
    "find_code",
    "match_failure",
    "match_told",
]

VERSION = "2026-11"
UNKNOWN = "unknown"
FOLDER = Path(__file__).resolve().parent
# Where a code is looked for: a payment's own rail before what only BILL says of it.
FALLBACK = "provider"
# What no bank gives as a reason: statuses, and what went wrong before anything was sent.
NOT_ENTERED = frozenset(
    {"inferred_return", "inferred_reversal", "stuck", "rate_limit", "session", "outcome_unknown"}
)

Source = Literal["person", "inferred", "text", "unknown"]
Retry = Literal["yes", "never", "after_correction", "after_authorization"]


@dataclass(frozen=True, slots=True)
class FailureCode:
    """A row: what a code means and what may be done about it.

    `bucket` is the return rate it counts in. `most_retries`, `wait_hours` and `within_days` are
    None where the table sets no limit.
    """

    rail: str
    code: str
    category: str
    meaning: str
    hardness: str
    retry: Retry
    most_retries: int | None
    wait_hours: int | None
    within_days: int | None
    bucket: str
    fixed_by: str
    advice: str
    may_tell_customer: bool

    @property
    def is_of_a_bank(self) -> bool:
        """Whether a bank or a card scheme gave it, not a guess from BILL's statuses."""
        return self.rail != FALLBACK

    @property
    def retries_by_itself(self) -> bool:
        """Whether another charge may be made without anybody doing anything.

        Only a bank's own code says so: what BILL's statuses suggest, or nothing, never does.
        """
        return self.retry == "yes" and self.is_of_a_bank


@dataclass(frozen=True, slots=True)
class Match:
    """The code a failure was given, and by what: `source` is unknown where nothing fits."""

    code: FailureCode
    source: Source


def match_failure(
    rail: str, *, entered: str | None = None, change: str | None = None, text: str | None = None
) -> Match:
    """The code of a failure: the one a person entered, else by the change of status BILL showed
    (`SCHEDULED>VOID`), else by words in its text, else unknown.
    """
    candidates: tuple[tuple[Source, str | None], ...] = (
        ("person", entered),
        ("inferred", change),
        ("text", _code_in(rail, text or "")),
    )
    for source, name in candidates:
        found = find_code(rail, name) if name else None
        if found and found.code != UNKNOWN:
            return Match(found, source)
    return Match(code_of(FALLBACK, UNKNOWN), "unknown")


def match_told(rail: str, change: str | None, text: str | None, entered: str | None) -> Match:
    """The same of what queries tell: change of status, BILL's text, the code a person entered."""
    return match_failure(rail, entered=entered, change=change, text=text)


def find_code(rail: str, name: str) -> FailureCode | None:
    """The row of a code on a rail or, failing that, of BILL's own; None where there is none."""
    table, wanted = _table(), name.strip().casefold()
    return table.get((rail, wanted)) or table.get((FALLBACK, wanted))


def code_of(rail: str, name: str) -> FailureCode:
    """The row of a code that is known to be there."""
    return _table()[rail, name.casefold()]


@cache
def codes_to_enter(rail: str) -> tuple[FailureCode, ...]:
    """The codes a person may give for a payment of this method; `unknown` takes one back."""
    return tuple(
        code
        for code in _table().values()
        if code.rail == rail
        or (code.rail == FALLBACK and code.category not in NOT_ENTERED and ">" not in code.code)
    )


def _code_in(rail: str, text: str) -> str | None:
    patterns = (p for p in _patterns() if p[0] in {rail, "any"})
    return next((code for _, code, pattern in patterns if pattern.search(text)), None)


@cache
def _table() -> dict[tuple[str, str], FailureCode]:
    categories = {row["category"]: row for row in _rows("failure_categories")}
    codes = (_read(row, categories[row["category"]]) for row in _rows("failure_codes"))
    return {(code.rail, code.code.casefold()): code for code in codes}


def _read(row: dict[str, str], category: dict[str, str]) -> FailureCode:
    return FailureCode(
        rail=row["rail"],
        code=row["code"],
        category=row["category"],
        meaning=row["meaning"],
        hardness=row["hardness"],
        retry=_retry(row["retry"]),
        most_retries=_number(row["most_retries"]),
        wait_hours=_number(row["wait_hours"]),
        within_days=_number(row["within_days"]),
        bucket=row["bucket"],
        fixed_by=row["fixed_by"],
        advice=category["advice"],
        may_tell_customer=category["may_tell_customer"] == "yes",
    )


def _retry(word: str) -> Retry:
    words: dict[str, Retry] = {
        "yes": "yes",
        "never": "never",
        "after_correction": "after_correction",
        "after_authorization": "after_authorization",
    }
    return words[word]


def _number(text: str) -> int | None:
    return int(text) if text else None


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (row["rail"], row["code"], re.compile(row["pattern"], re.IGNORECASE))
        for row in _rows("failure_texts")
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
