"""Exports made by themselves: on time, once, to where they should go, and to nobody else."""

import csv
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from etl.back_office import BackOffice
from etl.errors import UsageError
from etl.jobs.run_exports import run_export, run_exports
from etl.store import alerts, export_schedules
from etl.store import exports as history
from etl.store.access import Grant, command_line_grant
from etl.store.models import ExportSchedule
from etl.store.tenants import find_tenant, remove_tenant
from tests.dashboard.world import World, make_world, publish
from tests.etl.books import golden

MONDAY = datetime(2025, 8, 4, 6, 0, tzinfo=UTC)
SEVEN = MONDAY + timedelta(hours=1)
KILLED_AFTER_DELIVERY = """
import os, sys
from datetime import datetime
from dataclasses import replace
from etl.back_office import open_back_office
from etl.jobs.run_exports import run_exports
from etl.settings import load_settings
from etl.store import export_schedules
export_schedules.succeed = lambda *_, **__: os._exit(9)
office = open_back_office(load_settings({"TIEOUT_DATA_DIR": sys.argv[1]}))
at = datetime.fromisoformat(sys.argv[2])
run_exports(replace(office, clock=lambda: at))
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "data")
    yield made
    made.office.store.engine.dispose()


def at(world: World, moment: datetime) -> BackOffice:
    return replace(world.office, clock=lambda: moment)


def grant_of(world: World, slug: str) -> Grant:
    with world.office.store.read() as session:
        return command_line_grant(find_tenant(session, slug))


def arrange(world: World, slug: str = "harbor", **different: Any) -> int:
    facts: dict[str, Any] = {
        "name": "aging",
        "view": "ar_aging",
        "narrowing": {},
        "format": "csv",
        "rhythm": "daily",
        "at_time": "07:00",
        "on_day": None,
        "day_told": "yesterday",
        "kind": "folder",
        "target": {"path": str(world.settings.data_dir / "out")},
        "secret": None,
        "created_by": "test",
        "created_at": MONDAY,
        "due_at": SEVEN,
    }
    new = ExportSchedule(**facts | different)
    with world.office.store.begin() as session:
        export_schedules.add(session, grant_of(world, slug), new, actor="test")
    return new.id


def files(world: World) -> list[str]:
    return sorted(path.name for path in (world.settings.data_dir / "out").iterdir())


def told(world: World, slug: str = "harbor") -> list[dict[str, Any]]:
    with world.office.store.read() as session:
        return [history.as_json(row) for row in history.history(session, grant_of(world, slug))]


def test_it_is_delivered_at_its_time_and_not_before(world: World) -> None:
    arrange(world)
    assert run_exports(at(world, MONDAY)) == 0
    assert run_exports(at(world, SEVEN)) == 1
    assert run_exports(at(world, SEVEN + timedelta(hours=1))) == 0
    assert files(world) == [
        "harbor-aging-2025-08-03.csv",
        "harbor-aging-2025-08-03.csv.facts.json",
    ]
    assert run_exports(at(world, SEVEN + timedelta(days=1))) == 1
    assert len(files(world)) == 4


def test_the_history_keeps_the_hash_of_what_arrived(world: World) -> None:
    arrange(world)
    run_exports(at(world, SEVEN))
    (row,) = told(world)
    folder = world.settings.data_dir / "out"
    facts = json.loads((folder / "harbor-aging-2025-08-03.csv.facts.json").read_text())
    assert (row["outcome"], row["schedule"]) == ("delivered", "aging")
    assert row["sha256"] == facts["sha256"]
    assert row["went_to"] == str(folder / "harbor-aging-2025-08-03.csv")


def test_killed_after_the_delivery_it_is_made_again_and_not_doubled(world: World) -> None:
    arrange(world)
    arguments = [str(world.settings.data_dir), SEVEN.isoformat()]
    died = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_DELIVERY, *arguments], check=False, timeout=60
    )
    assert died.returncode == 9
    before = files(world)
    assert len(before) == 2
    assert told(world) == []
    assert run_exports(at(world, SEVEN + timedelta(minutes=1))) == 1
    assert files(world) == before
    assert len(told(world)) == 1
    assert run_exports(at(world, SEVEN + timedelta(minutes=2))) == 0


def test_two_that_begin_at_once_deliver_once(world: World) -> None:
    schedule_id = arrange(world)
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        run_exports(at(world, SEVEN))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["outcome"] for row in told(world)] == ["delivered"]
    with world.office.store.read() as session:
        assert session.get_one(ExportSchedule, schedule_id).owner is None


def test_what_was_missed_is_delivered_once_for_the_latest_time(world: World) -> None:
    arrange(world)
    assert run_exports(at(world, SEVEN + timedelta(days=3, hours=2))) == 1
    assert files(world)[0] == "harbor-aging-2025-08-06.csv"
    assert run_exports(at(world, SEVEN + timedelta(days=3, hours=3))) == 0


def test_after_a_sync_that_published_something(world: World) -> None:
    arrange(world, rhythm="after_sync", due_at=None, day_told="today")
    office = at(world, SEVEN)
    assert run_exports(office) == 1
    assert run_exports(office) == 0
    publish(world.office, "harbor", golden())
    assert run_exports(office) == 1
    assert len({row["snapshot"] for row in told(world)}) == 2


def test_a_failure_opens_an_alert_waits_and_is_over_once_it_arrives(world: World) -> None:
    blocked = world.settings.data_dir / "blocked"
    blocked.write_text("a file where the folder should be")
    schedule_id = arrange(world, target={"path": str(blocked)})
    assert run_exports(at(world, SEVEN)) == 0
    assert run_exports(at(world, SEVEN + timedelta(seconds=30))) == 0
    (row,) = told(world)
    assert row["outcome"] == "failed"
    assert "cannot be written" in row["said"]
    with world.office.store.read() as session:
        assert [alert.kind for alert in alerts.open_alerts(session)] == [f"export_{schedule_id}"]
    blocked.unlink()
    assert run_exports(at(world, SEVEN + timedelta(minutes=2))) == 1
    with world.office.store.read() as session:
        assert list(alerts.open_alerts(session)) == []


def test_pauses_grow_to_an_hour_and_no_further(world: World) -> None:
    blocked = world.settings.data_dir / "blocked"
    blocked.write_text("")
    schedule_id = arrange(world, target={"path": str(blocked)})
    now, pauses = SEVEN, []
    for _ in range(9):
        run_export(at(world, now), schedule_id)
        with world.office.store.read() as session:
            until = session.get_one(ExportSchedule, schedule_id).not_before
        assert until is not None
        pauses.append((until - now).total_seconds() / 60)
        now = until
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_two_tenants_in_one_folder_each_have_their_own(world: World) -> None:
    for slug in ("harbor", "quay"):
        arrange(world, slug, name="items", view="open_items")
    assert run_exports(at(world, SEVEN)) == 2
    folder = world.settings.data_dir / "out"
    rows = list(csv.DictReader((folder / "quay-items-2025-08-03.csv").open(newline="")))
    assert {row["tenant"] for row in rows} == {"quay"}
    assert {row["invoice_id"] for row in rows} == {"QI1"}
    assert [row["schedule"] for row in told(world, "quay")] == ["items"]


def test_another_tenants_schedule_is_not_found(world: World) -> None:
    arrange(world)
    with world.office.store.begin() as session, pytest.raises(UsageError, match="quay has no"):
        export_schedules.remove(session, grant_of(world, "quay"), "aging", at=SEVEN, actor="test")


def test_a_name_is_taken_once_and_must_be_safe(world: World) -> None:
    arrange(world)
    with pytest.raises(UsageError, match="already"):
        arrange(world)
    with pytest.raises(UsageError):
        arrange(world, name="../aging")


def test_a_removed_tenant_takes_its_exports_along(world: World) -> None:
    arrange(world)
    run_exports(at(world, SEVEN))
    with world.office.store.begin() as session:
        remove_tenant(session, find_tenant(session, "harbor"), at=SEVEN, actor="test")
    with world.office.store.read() as session:
        assert session.scalars(select(ExportSchedule)).all() == []
