"""A question's forecasts: of the weeks to come, and of past weeks as they would have been."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from etl.metrics.bands import Band, PastWeek, band
from etl.metrics.figures import Question
from etl.metrics.lateness import Habits, Payoffs, payoffs_of
from etl.metrics.projection import (
    UNIT,
    OpenItems,
    Scheduled,
    day_number,
    expected,
    naive,
)
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["LEARNED", "Outlook", "Trial", "origins"]

LEARNED = 26  # weeks of forecasts and what came of them, before the day of a forecast


@dataclass(frozen=True, slots=True)
class Trial:
    """A past week: what came, what would have been forecast of it on the day before it began, and
    what due dates said."""

    currency: str
    origin_on: date
    actual: Decimal
    band: Band
    naive: Decimal


class Outlook:
    """Forecasts made on the question's day and, a week apart, on those before it that are learned
    from or `tested`; each from what was known by then."""

    def __init__(self, snapshot: Snapshot, question: Question, tested: int) -> None:
        self._snapshot = snapshot
        self._as_of = question.as_of
        self._currency = question.currency
        self._reach = LEARNED + tested
        self._open: dict[tuple[str, int], OpenItems] = {}
        self._habits: dict[int, Habits] = {}

    def next_weeks(self, weeks: int) -> dict[str, list[tuple[Band, Decimal]]]:
        """By currency, of each week after the question's day its band and what due dates say."""
        found = {}
        for currency in self._items:
            due = self._naive(currency, self._as_of, weeks)
            bands = [
                band(amount, self._past[currency][-LEARNED:])
                for amount in self._expected(currency, self._as_of, weeks)
            ]
            if self._is_open(currency, self._as_of):
                found[currency] = list(zip(bands, due, strict=True))
        return found

    def tests(self, weeks: int) -> list[Trial]:
        """The last weeks before the question's day, by currency, oldest first."""
        return [
            Trial(
                currency,
                origin,
                week.actual,
                band(week.expected, self._past[currency][at : at + LEARNED]),
                self._naive(currency, origin, 1)[0],
            )
            for currency in self._items
            for at, (origin, week) in enumerate(
                zip(origins(self._as_of, weeks), self._past[currency][LEARNED:], strict=True)
            )
            if self._is_open(currency, origin)
        ]

    @cached_property
    def _past(self) -> dict[str, list[PastWeek]]:
        """By currency, what was expected of each week of reach and what came, oldest first."""
        return {
            currency: [
                PastWeek(
                    self._expected(currency, origin, 1)[0],
                    self._came.get((currency, origin), Decimal(0)),
                )
                for origin in origins(self._as_of, self._reach)
            ]
            for currency in self._items
        }

    def _is_open(self, currency: str, origin: date) -> bool:
        return len(self._open_on(currency, day_number(origin)).item) > 0

    def _expected(self, currency: str, origin: date, weeks: int) -> list[Decimal]:
        day = day_number(origin)
        items, scheduled = self._open_on(currency, day), self._scheduled.get((currency, origin), [])
        return _amounts(expected(items, scheduled, self._habits_on(day), day, weeks))

    def _naive(self, currency: str, origin: date, weeks: int) -> list[Decimal]:
        day = day_number(origin)
        return _amounts(naive(self._open_on(currency, day), day, weeks))

    def _open_on(self, currency: str, day: int) -> OpenItems:
        key = (currency, day)
        if key not in self._open:
            self._open[key] = self._items[currency].on(day)
        return self._open[key]

    def _habits_on(self, day: int) -> Habits:
        if day not in self._habits:
            self._habits[day] = self._payoffs.known_on(day)
        return self._habits[day]

    @cached_property
    def _asked(self) -> dict[str, object]:
        first = self._as_of - timedelta(days=7 * self._reach)
        return {"as_of": self._as_of, "first_on": first, "currency": self._currency}

    @cached_property
    def _items(self) -> dict[str, OpenItems]:
        """By currency, in their order."""
        table = self._table("cash_forecast", self._asked)
        currency = table.column("currency").to_numpy()
        names = ("item", "customer", "due_on", "from_on", "to_on", "amount")
        columns = [_numbers(table, name) for name in names]
        return {
            code: OpenItems(*(column[currency == code] for column in columns))
            for code in sorted(set(currency))
        }

    @cached_property
    def _payoffs(self) -> Payoffs:
        table = self._table("payoffs", {"as_of": self._as_of})
        names = ("customer", "days_late", "paid_on", "to_on")
        return payoffs_of(*(_numbers(table, name) for name in names))

    @cached_property
    def _scheduled(self) -> dict[tuple[str, date], list[Scheduled]]:
        days = [*origins(self._as_of, self._reach), self._as_of]
        found: dict[tuple[str, date], list[Scheduled]] = defaultdict(list)
        for origin, currency, item, on, amount, *outcomes in self._rows(
            "cash_scheduled", self._asked | {"origins": days}
        ):
            settled, failed = outcomes
            found[currency, origin].append(Scheduled(item, on, amount, (settled, failed)))
        return found

    @cached_property
    def _came(self) -> dict[tuple[str, date], Decimal]:
        asked = {"as_of": self._as_of, "currency": self._currency, "weeks": self._reach}
        return {
            (currency, origin): amount
            for origin, currency, amount in self._rows("cash_forecast_backtest", asked)
        }

    def _rows(self, name: str, asked: Mapping[str, object]) -> list[tuple[Any, ...]]:
        return self._snapshot.rows(read_sql(f"metrics/sql/{name}.sql"), asked)

    def _table(self, name: str, asked: Mapping[str, object]) -> pa.Table:
        return self._snapshot.table(read_sql(f"metrics/sql/{name}.sql"), asked)


def origins(as_of: date, weeks: int) -> Iterator[date]:
    """The days on which the forecasts of the last weeks were made, oldest first."""
    return (as_of - timedelta(days=7 * back) for back in range(weeks, 0, -1))


def _numbers(table: pa.Table, name: str) -> Any:
    return table.column(name).to_numpy().astype(np.int64)


def _amounts(units: Sequence[int]) -> list[Decimal]:
    return [Decimal(amount) / UNIT for amount in units]
