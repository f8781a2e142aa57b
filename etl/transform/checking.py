"""Our figures beside BILL's, and records beside each other: what does not agree is found here."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import ordered_sql

__all__ = ["CheckResult", "Comparison", "run_checks"]

SUBJECTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number of BILL's beside ours: a count, or an amount of a currency."""

    what: str
    currency: str
    bills: str
    ours: str
    difference: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: nothing when `count` is 0. `findings` are its first rows; `compared` all
    that it put side by side, where that is what it does; `records` says of each finding which page
    it is on: invoice/ID or customer/ID, or nothing."""

    check: str
    count: int
    findings: tuple[tuple[str, str], ...]
    compared: tuple[Comparison, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return self.count == 0

    def as_json(self) -> dict[str, Any]:
        """As kept with the run."""
        return asdict(self)


def run_checks(connection: Connection) -> list[CheckResult]:
    """Every tie-out, then every check, in the order of their names."""
    return [
        *(_compared(connection, name, sql) for name, sql in ordered_sql("transform/tie_out")),
        *(_checked(connection, name, sql) for name, sql in ordered_sql("transform/checks")),
    ]


def _checked(connection: Connection, name: str, sql: str) -> CheckResult:
    """Rows are what is wrong: a subject, what was found, and the record it is about."""
    rows = connection.execute(sql).fetchall()
    kept = rows[:SUBJECTS_KEPT]
    findings = tuple((str(subject), str(what)) for subject, what, _ in kept)
    records = tuple(record or "" for *_, record in kept)
    return CheckResult(name, len(rows), findings, records=records)


def _compared(connection: Connection, name: str, sql: str) -> CheckResult:
    """Rows are comparisons; those whose sides differ are what is wrong."""
    compared = tuple(
        Comparison(what, currency, *map(_plain, (bills, ours, ours - bills)))
        for what, currency, bills, ours in connection.execute(sql).fetchall()
    )
    wrong = [one for one in compared if Decimal(one.difference)]
    findings = tuple(
        (
            f"{one.what} {one.currency}".strip(),
            f"{one.bills} is expected, we have {one.ours}: {one.difference} off",
        )
        for one in wrong
    )
    return CheckResult(f"tie_out_{name}", len(wrong), findings, compared)


def _plain(number: Decimal) -> str:
    return format(number.normalize() + 0, "f")
