"""The product and the naive second implementation asked the same, compared to the last digit."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from etl.metrics.catalogue import answer
from etl.metrics.figures import Question
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot
from tests.etl.naive import NaiveBook
from tests.etl.naive_failures import failure_counts

Records = Mapping[str, Sequence[Mapping[str, Any]]]
COUNTS = {
    "pending": "pending",
    "canceled": "canceled",
    "failed": "failures",
    "invoices": "invoices",
    "failed_invoices": "failed_invoices",
    "firsts": "first_attempts",
    "failed_firsts": "failed_first_attempts",
}


class Said:
    """What the product says of one day, of some currencies or of all."""

    def __init__(self, snapshot: Snapshot, on: date) -> None:
        self.on = on
        self.aging = answer("ar_aging", snapshot, Question(as_of=on)).rows
        self.dso = answer("dso", snapshot, Question(as_of=on)).records()
        self.collected = answer("collected_by_month", snapshot, Question(as_of=on)).records()
        self.rates = answer("failure_rates", snapshot, Question(as_of=on)).records()


def agree(said: Said, naive: NaiveBook, records: Records) -> None:
    """Aging, DSO, cash and failure rates of a book's currencies are the plain ones."""
    codes = set(naive.currencies.values())
    plainly = naive.aging(said.on)
    aging = {row[0]: [Fraction(cell) for cell in row[1:]] for row in said.aging if row[0] in codes}
    assert aging == plainly, said.on
    agree_on_dso(said, naive.dso(said.on, plainly), codes)
    collected = {
        (row["month"], row["currency"]): Fraction(row["amount"])
        for row in said.collected
        if row["amount"] and row["currency"] in codes
    }
    assert collected == naive.collected(said.on), said.on
    rates = [row for row in said.rates if row["currency"] in codes]
    agree_on_rates(rows=rates, records=records, on=said.on, zone=naive.zone)


def agree_on_dso(said: Said, plainly: Mapping[str, Fraction | None], codes: set[str]) -> None:
    simple = {
        row["currency"]: None if row["dso"] is None else Fraction(row["dso"])
        for row in said.dso
        if row["variant"] == "simple" and row["currency"] in codes
    }
    assert simple == {code: plainly.get(code) for code in simple}, said.on
    assert {code for code, days in plainly.items() if days} <= set(simple), said.on


def agree_on_rates(
    rows: Sequence[Mapping[str, Any]], records: Records, on: date, zone: str = "UTC"
) -> None:
    """Every count is the plain one, and the rate is theirs."""
    plain = failure_counts(records["customers"], records["receivable_payments"], on, zone)
    found = {(row["currency"], row["rail"]): row for row in rows}
    seen = {key for key, counts in plain.items() if any(counts[n] for n in (*COUNTS, "paid"))}
    assert set(found) == seen, on
    for key, row in found.items():
        assert {name: row[name] for name in COUNTS.values()} == {
            COUNTS[name]: plain[key][name] for name in COUNTS
        }, (key, on)
        settled = plain[key]["paid"] + plain[key]["failed"]
        assert row["attempt_failure_rate"] == share_of(plain[key]["failed"], settled)
