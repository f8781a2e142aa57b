"""What was exported is kept with its hash, and told to its own tenant only."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from etl.desk import Desk
from etl.errors import UnknownTenantError
from etl.metrics.figures import Question
from etl.store.models import AuditEntry
from tests.dashboard.world import World, make_world

ON = Question(as_of=date(2025, 6, 30), currency="USD")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "data")
    yield made
    made.office.store.engine.dispose()


def take(world: World, who: str, slug: str, format_: str = "csv") -> bytes:
    desk = Desk(world.settings, world.office.store)
    seq = desk.published(world.people[who], slug).seq
    return desk.export(world.people[who], slug, "ar_aging", ON, seq, format_=format_)[1]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_a_taken_export_is_kept_with_the_hash_of_its_file(world: World, format_: str) -> None:
    content = take(world, "alice", "harbor", format_)
    (kept,) = Desk(world.settings, world.office.store).exported(world.people["bob"], "harbor")
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()
    assert (kept["by"], kept["view"], kept["format"]) == (
        "alice@harbor.example",
        "ar_aging",
        format_,
    )
    assert kept["filters"] == {"currency": "USD"}
    assert kept["bytes"] == len(content)
    assert kept["outcome"] == "taken"


def test_one_tenants_history_is_not_anothers(world: World) -> None:
    take(world, "alice", "harbor")
    take(world, "charlie", "quay")
    desk = Desk(world.settings, world.office.store)
    seen = desk.exported(world.people["charlie"], "quay")
    assert [row["by"] for row in seen] == ["charlie@quay.example"]
    with pytest.raises(UnknownTenantError):
        desk.exported(world.people["charlie"], "harbor")


def test_that_an_export_was_taken_is_audited(world: World) -> None:
    content = take(world, "alice", "harbor")
    with world.office.store.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.what, entry.actor, entry.tenant) == (
        "export.taken",
        "alice@harbor.example",
        "harbor",
    )
    assert entry.detail["sha256"] == hashlib.sha256(content).hexdigest()
