"""What figures cost: ours, the bare query, and pandas, on a hundred thousand and a million."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from etl.extract.land import prepare
from etl.metrics.catalogue import CATALOGUE, answer
from etl.metrics.figures import Question
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import Hub, Snapshot, open_work
from tests.bench.book import written_book
from tests.bench.figures import percentile, tell, timed
from tests.bench.landing import land_book, publish, transform
from tests.bench.pandas_answers import FRAMES, PANDAS

DAY = date(2026, 9, 20)
CUSTOMER = "0cu02000000000000777"
RUNS = 20  # of which the nearest-rank 95th percentile is the second slowest
SHOWN = 500  # rows of a list that a page shows
BARE = {
    "ar_aging": (
        "select currency, least(greatest(date_diff('day', due_on, $day::date) + 29, 0) // 30, 4), "
        "sum(open_amount) from invoice_balances "
        "where from_on <= $day::date and to_on > $day::date and open_amount > 0 group by all"
    ),
    "ar_by_month": (
        "with ends as (select last_day($day::date - interval (n) month) as day "
        "from range(24) as months (n)) "
        "select ends.day, currency, sum(open_amount) from ends join invoice_balances "
        "on from_on <= ends.day and to_on > ends.day and open_amount > 0 group by all"
    ),
    "invoiced_by_month": (
        "select date_trunc('month', effective_on), currency, sum(revenue) from ledger "
        "where effective_on <= $day::date and revenue <> 0 group by all"
    ),
    "customer_history": (
        "select effective_on, event, document, receivable + unapplied from ledger "
        "where effective_on <= $day::date and customer_id = $customer order by event_id"
    ),
}
BOUNDS = {
    100_000: {"ar_aging": "p95 under 250 ms"},
    1_000_000: {"ar_aging": "p95 under 1,000 ms"},
}
OTHERS = "p95 under 150 ms"


def run(folder: Path) -> None:
    """Milliseconds a question of a published snapshot, 20 times each: median / 95th percentile of
    the metric as pages and commands ask it; beside it the medians of a bare query of the same
    snapshot in DuckDB and of pandas on frames that are in memory already. Then every other metric
    at 100,000 invoices, lists 500 rows at a time as pages show them."""
    for invoices in BOUNDS:
        snapshot = _published(folder / str(invoices), invoices)
        frames = {name: _frame(snapshot, sql) for name, sql in FRAMES.items()}
        for name in BARE:
            _beside(snapshot, frames, name, invoices)
        if invoices == min(BOUNDS):
            _every_other(snapshot)
        snapshot.hub.close()


def _published(path: Path, invoices: int) -> Snapshot:
    book, folder = written_book(path / "book", invoices), TenantFolder(path / "kept")
    with open_work(folder) as connection:
        prepare(connection)
        land_book(connection, book)
        transform(connection)
        publish(connection, folder, 1)
    return Hub(folder).snapshot(1)


def _frame(snapshot: Snapshot, sql: str) -> pd.DataFrame:
    return snapshot.table(sql, {}).to_pandas()


def _beside(
    snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], name: str, invoices: int
) -> None:
    narrowed = {"day": DAY, "customer": CUSTOMER}
    used = {key: value for key, value in narrowed.items() if f"${key}" in BARE[name]}
    ours = _times(lambda: answer(name, snapshot, _question(name)))
    bare = _times(lambda: snapshot.rows(BARE[name], used))
    pandas = _times(lambda: PANDAS[name](frames, pd.Timestamp(DAY), CUSTOMER))
    figure = f"{_told(ours)}; bare {median(bare):.0f}, pandas {median(pandas):.0f} ms"
    bound = BOUNDS[invoices].get(name, OTHERS if invoices == min(BOUNDS) else "")
    tell(f"{invoices:,} invoices: {name}", figure, bound)


def _every_other(snapshot: Snapshot) -> None:
    for name in CATALOGUE.keys() - BARE.keys():
        times = _times(lambda name=name: answer(name, snapshot, _question(name)))
        tell(f"100,000 invoices: {name}", f"{_told(times)} ms", OTHERS)


def _question(name: str) -> Question:
    metric = CATALOGUE[name].metric
    narrowed: dict[str, Any] = {"limit": SHOWN} if metric.is_counted else {}
    if metric.needs_customer:
        narrowed["customer"] = CUSTOMER
    if metric.needs_record:
        narrowed["record"] = CUSTOMER
    if metric.needs_reporting:
        narrowed["reporting"] = "USD"
    return Question(as_of=DAY, **narrowed)


def _times(act: Callable[[], object]) -> list[float]:
    act()  # the first reads the file
    return [1000 * timed(act) for _ in range(RUNS)]


def _told(times: list[float]) -> str:
    return f"{median(times):.0f} / {percentile(times, 95):.0f}"
