"""The page Exports: taking a view, schedules for whoever may act, and what was taken."""

import hashlib
from datetime import time
from typing import Any

import pytest

from dashboard import actions, reads
from etl.errors import NotAllowedError, UnknownTenantError, UsageError
from etl.exports.rhythm import Rhythm
from etl.exports.schedule import Wanted, offered_views
from etl.metrics.figures import Question
from etl.store import export_schedules
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World

DAILY = Rhythm("daily", time(7))
MAIL = ["bob@harbor.example"]


def wanted(name: str = "aging", view: str = "ar_aging", **other: Any) -> Wanted:
    return Wanted(name, view, "xlsx", DAILY, **other)


def arranged(world: World, who: str = "alice", **more: Any) -> None:
    actions.add_schedule(world.people[who], "harbor", wanted(**more), MAIL)


def names(world: World) -> list[str]:
    return [row["name"] for row in reads.desk().schedules.of_tenant(world.people["bob"], "harbor")]


def test_with_nothing_taken_it_says_what_would_be_here(own_world: World) -> None:
    app = opened(own_world, "alice", "exports")
    assert not app.exception
    assert "Nothing was exported yet" in texts(app)
    assert "Nothing is exported by itself yet" in texts(app)


def test_a_tenant_without_a_snapshot_hears_what_the_page_will_show(open_page: Open) -> None:
    assert "every view as a file" in texts(open_page("wendy", "exports"))


def test_every_view_of_a_whole_tenant_can_be_taken(world: World) -> None:
    ada = world.people["ada"]
    published = reads.desk().published(ada, "harbor")
    on = reads.desk().today(ada, "harbor")
    for view in offered_views():
        _name, content = reads.desk().export(ada, "harbor", view, Question(on), published.seq)
        assert content.startswith(b"tenant,as_of,time_zone,currency")
    assert {"ar_aging", "open_items", "invoices"} <= set(offered_views())
    assert "customer_statement" not in offered_views()


def test_what_was_taken_is_in_the_history_with_its_hash(own_world: World) -> None:
    alice = own_world.people["alice"]
    seq = reads.desk().published(alice, "harbor").seq
    on = Question(reads.desk().today(alice, "harbor"))
    _name, content = reads.desk().export(alice, "harbor", "ar_aging", on, seq)
    app = opened(own_world, "bob", "exports")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["sha256"] == hashlib.sha256(content).hexdigest()
    assert (row["by"], row["view"], list(row["status"])) == (
        "alice@harbor.example",
        "Receivables aging",
        ["Taken"],
    )


def test_an_operator_sees_hastens_and_removes_a_schedule(own_world: World) -> None:
    arranged(own_world)
    app = opened(own_world, "alice", "exports")
    assert "**Receivables aging** as Excel, daily at 07:00" in texts(app)
    assert "to bob@harbor.example" in texts(app)
    button(app, "Deliver now").click().run()
    assert not app.exception
    with own_world.office.store.read() as session:
        assert len(export_schedules.due(session, own_world.office.clock())) == 1
    button(app, "Remove").click().run()
    assert names(own_world) == []


def test_an_operator_adds_one_from_the_form(own_world: World) -> None:
    app = opened(own_world, "alice", "exports")
    app.multiselect(key="schedule-to").set_value(MAIL).run()
    app.button(key="keep-schedule").click().run()
    assert not app.exception
    assert len(names(own_world)) == 1


def test_without_a_recipient_the_form_says_so_and_adds_nothing(own_world: World) -> None:
    app = opened(own_world, "alice", "exports")
    app.button(key="keep-schedule").click().run()
    assert "choose at least one member" in texts(app)
    assert names(own_world) == []


def test_one_that_failed_says_why(own_world: World) -> None:
    arranged(own_world)
    now = own_world.office.clock()
    with own_world.office.store.begin() as session:
        (row,) = session.query(export_schedules.ExportSchedule).all()
        claimed = export_schedules.claim(session, row.id, now)
        assert claimed
        export_schedules.fail(session, claimed, "The mail server did not take it.", at=now)
    assert "The mail server did not take it." in texts(opened(own_world, "bob", "exports"))


def test_a_reader_sees_schedules_and_no_button(own_world: World) -> None:
    arranged(own_world)
    app = opened(own_world, "bob", "exports")
    assert "Receivables aging" in texts(app)
    assert "Your role here is viewer" in texts(app)
    labels = {found.label for found in app.button}
    assert labels.isdisjoint({"Deliver now", "Remove", "Add schedule"})


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("bob", NotAllowedError), ("charlie", UnknownTenantError), ("nora", UnknownTenantError)],
)
def test_who_may_not_act_changes_no_schedule(
    own_world: World, who: str, refusal: type[Exception]
) -> None:
    arranged(own_world)
    them, schedules = own_world.people[who], reads.desk().schedules
    for act in (
        lambda: actions.add_schedule(them, "harbor", wanted("other"), MAIL),
        lambda: actions.hasten_schedule(them, "harbor", "aging"),
        lambda: actions.remove_schedule(them, "harbor", "aging"),
        lambda: schedules.members(them, "harbor"),
    ):
        with pytest.raises(refusal):
            act()
    assert names(own_world) == ["aging"]


def test_strangers_see_no_schedule(own_world: World) -> None:
    arranged(own_world)
    with pytest.raises(UnknownTenantError):
        reads.desk().schedules.of_tenant(own_world.people["charlie"], "harbor")
    assert "@harbor.example" not in texts(opened(own_world, "charlie", "exports"))


def test_nothing_is_sent_to_whoever_may_not_read(own_world: World) -> None:
    alice = own_world.people["alice"]
    with pytest.raises(UsageError, match="may not read harbor"):
        actions.add_schedule(alice, "harbor", wanted(), ["charlie@quay.example"])
    assert names(own_world) == []
