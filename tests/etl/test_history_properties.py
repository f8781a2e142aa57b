"""What holds of any history: lived through, read on any day, in any order, once or twice."""

import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etl.metrics.catalogue import CATALOGUE, answer
from etl.metrics.figures import Question
from etl.warehouse.snapshot import Snapshot
from tests.etl.books import Lineage
from tests.etl.dumps import published as tables_of
from tests.etl.histories import READS, History, lived
from tests.etl.random_books import Records

HISTORIES = int(os.environ.get("TIEOUT_PROOF_HISTORIES", "6"))
SEEDS = st.integers(0, 10**6)
Rows = list[dict[str, Any]]
# What a list shows as BILL has it now, whatever the day asked about; all other cells of all metrics
# must be what they were.
AS_OF_NOW = {
    "payments": "payments are listed with the status BILL gives them now",
    "invoices": "what is in NOW_COLUMNS is BILL's own of now",
    "invoice_lines": "lines are those of the invoice as it is now",
    "customer_contacts": "customers are reached where they are now",
}
NOW_COLUMNS = {"total_amount", "tax_amount", "bill_open_amount", "bill_status"}

proven = settings(max_examples=HISTORIES, deadline=None, derandomize=True, phases=[Phase.generate])


def ask(snapshot: Snapshot, metric: str, day: date, **more: Any) -> Rows:
    return answer(metric, snapshot, Question(as_of=day, **more)).records()


@contextmanager
def published(history: History, upto: int = READS) -> Iterator[Snapshot]:
    with TemporaryDirectory() as folder, closing_hub(history.published(Path(folder), upto)) as it:
        yield it


@contextmanager
def closing_hub(snapshot: Snapshot) -> Iterator[Snapshot]:
    with closing(snapshot.hub):
        yield snapshot


def everything(snapshot: Snapshot, day: date, customer: str) -> dict[str, Rows]:
    """What every metric says on a day."""
    return {
        name: ask(
            snapshot,
            name,
            day,
            customer=customer if entry.metric.needs_customer else None,
            record=customer if entry.metric.needs_record else None,
            reporting="USD" if entry.metric.needs_reporting else None,
        )
        for name, entry in CATALOGUE.items()
    }


@proven
@given(seed=SEEDS, read=st.integers(0, READS - 2))
def test_a_figure_of_a_past_day_is_what_it_was_on_that_day(seed: int, read: int) -> None:
    """Where nothing was back-dated, what came later changes nothing of it."""
    history = lived(seed, is_prompt=True)
    day, records = history.reads[read]
    customer = random.Random(seed).choice([record["id"] for record in records["customers"]])
    with published(history, read + 1) as then, published(history) as now:
        said, says = everything(then, day, customer), everything(now, day, customer)
    for name in CATALOGUE:
        if name not in AS_OF_NOW:
            assert says[name] == said[name], name
    assert of_the_day(says["invoices"]) == of_the_day(said["invoices"])


def of_the_day(rows: Rows) -> Rows:
    return [{k: v for k, v in row.items() if k not in NOW_COLUMNS} for row in rows]


@proven
@given(seed=SEEDS, back=st.integers(0, 60), is_prompt=st.booleans())
def test_balances_add_up_on_any_day_of_any_history(seed: int, back: int, is_prompt: bool) -> None:
    """Buckets hold every open invoice once, the bridge closes, currencies stay apart."""
    history = lived(seed, is_prompt=is_prompt)
    day = history.last - timedelta(days=back)
    with published(history) as snapshot:
        aging = {row["currency"]: row for row in ask(snapshot, "ar_aging", day)}
        items = ask(snapshot, "open_items", day)
        bridge = ask(snapshot, "revenue_bridge", day)
        apart = {code: ask(snapshot, "ar_aging", day, currency=code) for code in aging}
    for code, row in aging.items():
        open_amounts = [item["open_amount"] for item in items if item["currency"] == code]
        *buckets, gross, unapplied, net = list(row.values())[1:]
        assert sum(buckets) == gross == sum(open_amounts)
        assert gross + unapplied == net
        assert apart[code] == [row]
    assert {item["currency"] for item in items} <= set(aging)
    assert {(row["difference"], row["reason"]) for row in bridge} <= {(0, None)}
    closing_on = {row["currency"]: row["closing"] for row in bridge}  # the last month's
    assert {code: net for code, net in closing_on.items() if net} == {
        code: row["net"] for code, row in aging.items() if row["net"]
    }


@proven
@given(seed=SEEDS, chance=st.randoms(use_true_random=False))
def test_order_batches_and_repeats_change_nothing(seed: int, chance: random.Random) -> None:
    history = lived(seed, is_prompt=False)
    with published(history) as plainly, TemporaryDirectory() as folder:
        lineage = Lineage(Path(folder), time_zone=history.zone)
        for index, (_, records) in enumerate(history.reads):
            for batch in batches(records, chance):
                history.load(lineage, index, batch)
        with closing_hub(lineage.publish()) as otherwise:
            assert tables_of(otherwise) == tables_of(plainly)


def batches(records: Records, chance: random.Random) -> Iterator[Records]:
    """All records in another order, in several parts, some of them more than once."""
    whole = [(name, record) for name, rows in records.items() for record in rows]
    again = chance.sample(whole, len(whole) // 3)
    shuffled = chance.sample([*whole, *again], len(whole) + len(again))
    size = chance.randrange(10, len(shuffled) + 1)
    for start in range(0, len(shuffled), size):
        part = shuffled[start : start + size]
        yield {name: [record for kind, record in part if kind == name] for name in records}


@proven
@given(seed=SEEDS, is_prompt=st.booleans())
def test_what_is_owed_in_the_end_is_the_same_however_often_it_was_read(
    seed: int, is_prompt: bool
) -> None:
    """What we saw happen and what a first sync finds done lead to one balance."""
    history = lived(seed, is_prompt=is_prompt)
    once = History(history.zone, history.reads[-1:])
    day = history.last + timedelta(days=90)  # what is dated ahead has come to pass
    with published(history) as often, published(once) as at_once:
        for metric in ("ar_aging", "open_items"):
            assert ask(often, metric, day) == ask(at_once, metric, day), metric
