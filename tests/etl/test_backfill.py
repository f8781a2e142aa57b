"""Reading some days again: what it reads, what it leaves, and where it goes on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from billcom.sandbox.server import Sandbox
from etl.back_office import BackOffice, Shared
from etl.errors import RunRefusedError, UsageError
from etl.extract.days import Days
from etl.jobs.sync_tenant import sync_tenant
from etl.store.runs import recent_runs
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import open_work
from tests.etl.conftest import connected
from tests.etl.dumps import dump

NOW = datetime.now(UTC)
ALL_DAYS = Days(date(2000, 1, 1), date(2999, 12, 31))


def day_of(record: dict[str, Any], field: str = "createdTime") -> date:
    return datetime.fromisoformat(record[field]).astimezone(UTC).date()


def lose(office: BackOffice, *bill_ids: str) -> None:
    """Takes records out of the history, as if they had never come."""
    with open_work(folder_of(office.settings, "cascade")) as connection:
        for table in ("raw_records", "raw_heads"):
            connection.execute(
                f"delete from {table} where list_contains($ids::varchar[], bill_id)",
                {"ids": list(bill_ids)},
            ).fetchall()


def asked_for_invoices(sandbox: Sandbox) -> int:
    return sum(call.path.endswith("/invoices") for call in sandbox.calls)


def test_only_what_was_lost_comes_again_and_the_watermark_stays(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    before = dump(office.settings, "cascade")
    records = sorted(book.invoices.values(), key=lambda one: one["createdTime"])
    within, beyond = records[40], records[-1]
    day = day_of(within)
    assert day not in {day_of(beyond), day_of(beyond, "updatedTime")}
    lose(office, within["id"], beyond["id"])
    report = sync_tenant(office, "cascade", days=Days(day, day))
    assert (report.status, report.rows["invoices"]) == ("succeeded", 1)
    assert sum(report.rows.values()) == 1
    lose(office, within["id"])
    both = sync_tenant(office, "cascade", days=ALL_DAYS)
    assert both.rows["invoices"] == 2
    after = dump(office.settings, "cascade")
    for name in ("raw_records", "raw_heads", "watermarks"):
        assert after[name] == before[name]
    with office.store.read() as session:
        assert recent_runs(session)[1].scope == {"from": str(day), "to": str(day)}


def test_a_record_is_found_by_the_day_of_its_making_or_of_its_last_change(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    changed = next(
        one
        for one in book.invoices.values()
        if day_of(one, "updatedTime") > day_of(one) + timedelta(days=3)
    )
    for field in ("createdTime", "updatedTime"):
        lose(office, changed["id"])
        day = day_of(changed, field)
        assert sync_tenant(office, "cascade", days=Days(day, day)).rows["invoices"] == 1


def test_what_a_limit_cut_off_goes_on_behind_it_with_the_same_days(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    everything = list(book.invoices)
    lose(office, *everything)
    now = [NOW.replace(minute=5) + timedelta(hours=1)]
    settings = replace(office.settings, hourly_budget=6)
    poor = replace(office, settings=settings, clock=lambda: now[0], shared=Shared())
    seeded.calls.clear()
    report = sync_tenant(poor, "cascade", days=ALL_DAYS)
    hours = 0
    with pytest.raises(RunRefusedError, match="let it end first"):
        sync_tenant(poor, "cascade", days=Days(date(2025, 1, 1), date(2025, 1, 2)))
    while report.status == "pending":
        hours += 1
        assert hours < 40
        now[0] += timedelta(hours=1)
        report = sync_tenant(poor, "cascade")
    assert report.status == "succeeded"
    assert hours >= 1
    assert report.rows["invoices"] == len(everything)
    # By creation and by change, and once more the page at which each hour ended.
    assert asked_for_invoices(seeded) <= 2 * (-(-len(everything) // 100)) + hours + 2


def test_the_same_command_goes_on_where_a_run_was_ended(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    lose(office, *book.invoices)
    calls = [0]

    def clock() -> datetime:
        calls[0] = len(list(seeded.calls))
        if calls[0] >= 5:
            ending.stopping.set()
        return datetime.now(UTC)

    ending = replace(office, clock=clock, shared=Shared())
    seeded.calls.clear()
    assert sync_tenant(ending, "cascade", days=ALL_DAYS).status == "failed"
    with open_work(folder_of(office.settings, "cascade")) as connection:
        done = connection.execute("select resource from backfills where is_done").fetchall()
    assert ("customers",) in done
    office.stopping.clear()
    seeded.calls.clear()
    assert sync_tenant(office, "cascade", days=ALL_DAYS).status == "succeeded"
    assert not any(call.path.endswith("/customers") for call in seeded.calls)
    with open_work(folder_of(office.settings, "cascade")) as connection:
        assert connection.execute("select count(*) from backfills").fetchall() == [(0,)]


def test_a_book_that_was_never_read_whole_is_not_begun_with_some_days(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    report = sync_tenant(office, "cascade", days=ALL_DAYS)
    assert report.error == (
        "Customers were never read to their end: run tieout sync without days first."
    )
    assert report.snapshot is None


@pytest.mark.parametrize(
    ("from_on", "to_on", "said"),
    [
        (date(2024, 1, 1), None, "both --from and --to"),
        (None, date(2024, 1, 1), "both --from and --to"),
        (date(2024, 1, 2), date(2024, 1, 1), "must not be after"),
        (date(1999, 12, 31), date(2024, 1, 1), "from 2000-01-01"),
        (date(2024, 1, 1), date(9999, 12, 31), "to 2999-12-31"),
        (date(2900, 1, 1), date(2900, 1, 2), "still to come"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    from_on: date | None, to_on: date | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        Days.asked(from_on, to_on, now=NOW)


def test_days_begin_and_end_where_the_tenant_is() -> None:
    first, last = Days(date(2025, 3, 9), date(2025, 3, 9)).instants("America/Chicago")
    assert (first.hour, last - first) == (6, timedelta(hours=23))  # clocks went forward
