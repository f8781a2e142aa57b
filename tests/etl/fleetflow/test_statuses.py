"""Statuses written back to FleetFlow: what they say, only what changed, whatever breaks between."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import FleetFlowError, RunRefusedError, UsageError
from etl.fleetflow import statuses
from etl.jobs import push_statuses as pushing
from etl.jobs.fleet_work import at_work
from etl.jobs.push_statuses import Pushed, push_statuses
from etl.jobs.tend_fleetflow import tend_fleetflow
from etl.reading import Reader
from etl.store.alerts import open_alerts
from tests.dashboard.world import World, publish
from tests.etl.books import golden
from tests.etl.fleetflow.side import (
    AUGUST,
    INVOICES,
    PAYMENTS,
    URL,
    Command,
    Cut,
    Fleet,
    cut_after,
    link,
    link_of,
)

MAPPING = URL + INVOICES + PAYMENTS
STATES = {
    "I1": "overdue",
    "I2": "overdue",
    "I3": "overdue",
    "I4": "overdue",
    "I5": "archived",
    "I6": "paid",
}


@pytest.fixture
def linked(world: World, fleet: Fleet) -> World:
    link(world.office, "harbor", MAPPING, url=fleet.url)
    return world


def pushed(world: World) -> Pushed:
    with at_work(world.office, "harbor") as work:
        return push_statuses(work, Reader(world.settings, world.office.store))


def test_what_is_written_is_what_the_book_says(linked: World, fleet: Fleet) -> None:
    done = pushed(linked)
    assert (done.read, done.written) == ({"invoices": 6, "payments": 4},) * 2
    assert fleet.states() == STATES
    assert fleet.states("bill_payments") == {
        "P1": "paid",
        "P2": "failed",
        "P3": "paid",
        "P4": "paid",
    }
    columns = "open_amount, total, currency, paid_on, failed_payment, failed_on"
    [[*first]] = fleet.rows(f"select {columns} from bill_invoices where bill_id = 'I1'")
    assert (Decimal(str(first[0])), Decimal(str(first[1])), *first[2:]) == (
        Decimal("400.00"),
        Decimal("1000.00"),
        "USD",
        None,
        None,
        None,
    )
    [[paid_on]] = fleet.rows("select paid_on from bill_invoices where bill_id = 'I6'")
    [failed] = fleet.rows(
        "select failed_payment, failed_on from bill_invoices where bill_id = 'I4'"
    )
    assert (str(paid_on), failed[0], str(failed[1])) == ("2025-07-02", "P2", "2025-04-12")


def test_again_writes_nothing_and_what_was_altered_there_is_put_right(
    linked: World, fleet: Fleet
) -> None:
    pushed(linked)
    fleet.do("update bill_invoices set dispatcher = 'Maria' where bill_id = 'I1'")
    assert pushed(linked).written == {"invoices": 0, "payments": 0}
    fleet.do("update bill_invoices set open_amount = 1 where bill_id = 'I1'")
    fleet.do("delete from bill_payments where bill_id = 'P3'")
    assert pushed(linked).written == {"invoices": 1, "payments": 1}
    assert fleet.states() == STATES
    [[dispatcher]] = fleet.rows("select dispatcher from bill_invoices where bill_id = 'I1'")
    assert dispatcher == "Maria"


def test_cut_anywhere_it_goes_on_where_it_stopped(
    linked: World, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "AT_ONCE", 2)
    monkeypatch.setattr(pushing, "READ_AT_ONCE", 4)
    write = statuses.write_statuses
    for times in range(4):
        monkeypatch.setattr(pushing, "write_statuses", cut_after(write, 1))
        with pytest.raises(Cut):
            pushed(linked)
        assert len(fleet.states()) + len(fleet.states("bill_payments")) == 2 * (times + 1)
    monkeypatch.setattr(pushing, "write_statuses", write)
    assert pushed(linked).written == {"invoices": 0, "payments": 2}
    assert fleet.states() == STATES
    assert link_of(linked.office, "harbor").pass_seq is None


def test_killed_between_their_commit_and_ours_it_doubles_nothing(
    linked: World, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "AT_ONCE", 2)
    with at_work(linked.office, "harbor") as work:
        advance = type(work).advance
        monkeypatch.setattr(type(work), "advance", cut_after(advance, 1))
        with pytest.raises(Cut):
            push_statuses(work, Reader(linked.settings, linked.office.store))
        monkeypatch.setattr(type(work), "advance", advance)
    assert len(fleet.states()) == 2
    assert pushed(linked).written == {"invoices": 4, "payments": 4}
    assert fleet.states() == STATES


def test_an_outage_is_one_alert_and_over_when_it_is_over(
    linked: World, fleet: Fleet, request: pytest.FixtureRequest
) -> None:
    fleet.do("alter table bill_invoices rename to elsewhere")
    moments = [AUGUST + timedelta(hours=hour) for hour in range(3)]
    for moment in moments:
        tend_fleetflow(replace(linked.office, clock=lambda moment=moment: moment))  # type: ignore[misc]
    with linked.office.store.read() as session:
        [alert] = open_alerts(session)
    assert (alert.kind, "no table bill_invoices" in alert.sentence) == ("fleetflow", True)
    assert link_of(linked.office, "harbor").failures == 3
    fleet.do("alter table elsewhere rename to bill_invoices")
    tend_fleetflow(linked.office)  # it is not yet time
    assert fleet.states() == {}
    tend_fleetflow(replace(linked.office, clock=lambda: AUGUST + timedelta(hours=4)))
    assert fleet.states() == STATES
    with linked.office.store.read() as session:
        assert open_alerts(session) == []


def test_a_new_snapshot_and_a_new_day_are_told_by_themselves(linked: World, fleet: Fleet) -> None:
    june = replace(linked.office, clock=lambda: datetime(2025, 6, 30, 12, tzinfo=UTC))
    tend_fleetflow(june)
    assert fleet.states()["I2"] == "open"
    before = link_of(linked.office, "harbor").claims
    tend_fleetflow(june)
    assert link_of(linked.office, "harbor").claims == before  # nothing due, nothing touched
    tend_fleetflow(replace(linked.office, clock=lambda: datetime(2025, 7, 1, 12, tzinfo=UTC)))
    assert fleet.states()["I2"] == "overdue"
    book = golden()
    book["invoices"][1] |= {"dueAmount": Decimal(0), "updatedTime": "2025-07-20T12:00:00.000+00:00"}
    seq = publish(linked.office, "harbor", book)
    tend_fleetflow(replace(linked.office, clock=lambda: datetime(2025, 7, 1, 13, tzinfo=UTC)))
    assert link_of(linked.office, "harbor").pushed_seq == seq


def test_a_lost_connection_is_a_sentence_and_taken_up_again(
    world: World, postgresql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "AT_ONCE", 2)
    with postgresql.new_database("template1") as url:
        fleet = Fleet(url)
        link(world.office, "harbor", MAPPING, url=url)
        write = statuses.write_statuses

        def hung_up(*given: Any) -> int:
            done = write(*given)
            postgresql.hang_up()
            return done

        monkeypatch.setattr(pushing, "write_statuses", hung_up)
        with pytest.raises(FleetFlowError, match="cannot be used"):
            pushed(world)
        monkeypatch.setattr(pushing, "write_statuses", write)
        fleet.engine.dispose()
        assert fleet.states() == {}
        assert pushed(world).written == {"invoices": 6, "payments": 4}
        assert fleet.states() == STATES
        fleet.engine.dispose()


def test_one_process_at_a_time_and_a_dead_ones_claim_is_free(world: World, tmp_path: Path) -> None:
    fleet = Fleet(f"sqlite:///{tmp_path / 'fleetflow.db'}")
    link(world.office, "harbor", MAPPING, url=fleet.url)
    with (
        at_work(world.office, "harbor"),
        pytest.raises(RunRefusedError, match="Another process"),
        at_work(world.office, "harbor"),
    ):
        pass
    script = (
        "import os, sys\n"
        "from etl.back_office import open_back_office\n"
        "from etl.settings import load_settings\n"
        "from etl.jobs.fleet_work import at_work\n"
        "office = open_back_office(load_settings({'TIEOUT_DATA_DIR': sys.argv[1]}))\n"
        "at_work(office, 'harbor').__enter__()\n"
        "os._exit(9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(world.settings.data_dir)], check=False, timeout=60
    )
    assert link_of(world.office, "harbor").owner is not None
    assert pushed(world).written == {"invoices": 6, "payments": 4}


def test_who_lost_the_claim_writes_no_further(world: World, tmp_path: Path) -> None:
    fleet = Fleet(f"sqlite:///{tmp_path / 'fleetflow.db'}")
    link(world.office, "harbor", MAPPING, url=fleet.url)
    late = replace(world.office, clock=lambda: AUGUST + timedelta(minutes=10))
    with (
        pytest.raises(RunRefusedError),
        at_work(world.office, "harbor") as first,
        at_work(late, "harbor"),
    ):
        push_statuses(first, Reader(world.settings, world.office.store))
    assert fleet.states() == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"bill_invoices"', '"invoices"'), "has no table invoices"),
        (('"due_on"\npaid_on', '"due"\npaid_on'), "bill_invoices.due is not there.*due_on of"),
        (
            ('open_amount = "open_amount"', 'open_amount = "paid_on"'),
            "names the column paid_on twi",
        ),
        (('total = "total"', 'total = "dispatcher"'), None),
        (('currency = "currency"', 'currency = "odd"'), "odd is .*must be text"),
        (('id = "bill_id"', 'id = "dispatcher"'), "dispatcher is not unique by itself"),
        (('total = "total"', 'total = "odd"'), "money is exact"),
    ],
)
def test_a_table_that_is_not_as_mapped_is_one_sentence(
    world: World, fleet: Fleet, change: tuple[str, str], told: str | None
) -> None:
    fleet.do("alter table bill_invoices add column odd double precision")
    mapping = (URL + INVOICES).replace(*change)
    if told is None:
        linked_and_pushed(world, mapping, fleet)
        assert fleet.states() == STATES
        return
    with pytest.raises((FleetFlowError, UsageError), match=told):
        linked_and_pushed(world, mapping, fleet)
    assert fleet.states() == {}


def linked_and_pushed(world: World, mapping: str, fleet: Fleet) -> None:
    link(world.office, "harbor", mapping, url=fleet.url)
    pushed(world)


def test_an_amount_is_never_rounded_into_a_column(world: World, postgresql: Any) -> None:
    with postgresql.new_database("template1") as url:
        fleet = Fleet(url)
        fleet.do("alter table bill_invoices alter column total type numeric(14, 0)")
        book = golden()
        book["invoices"][0] |= {"totalAmount": Decimal("1000.50")}
        publish(world.office, "harbor", book)
        link(world.office, "harbor", URL + INVOICES, url=url)
        with pytest.raises(FleetFlowError, match=r"keeps 0 digits after the point, and 1000\.50"):
            pushed(world)
        fleet.engine.dispose()


def test_nothing_of_another_tenant_is_written(linked: World, fleet: Fleet) -> None:
    pushed(linked)
    assert "QI1" not in fleet.states()
    with (
        pytest.raises(UsageError, match="quay has no FleetFlow yet"),
        at_work(linked.office, "quay"),
    ):
        pass


def test_the_command_line_connects_checks_pushes_and_tells(
    world: World, tmp_path: Path, command: Command
) -> None:
    fleet = Fleet(f"sqlite:///{tmp_path / 'fleetflow.db'}")
    tieout = command(world)
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING)
    code, _, said = tieout("connect", str(file))
    assert (code, "FLEETFLOW_URL is not set" in said) == (1, True)
    gone = f"sqlite:///{tmp_path / 'gone.db'}"
    code, _, said = tieout("connect", str(file), FLEETFLOW_URL=gone)
    assert (code, "unable to open" in said) == (1, True)
    assert not (tmp_path / "gone.db").exists()
    code, told, _ = tieout("connect", str(file), FLEETFLOW_URL=fleet.url)
    assert (code, "invoices: 9 columns of bill_invoices are written" in told) == (0, True)
    assert len(json.loads(tieout("check", "--json")[1])["found"]) == 2
    written = json.loads(tieout("push", "--json")[1])["written"]
    assert written == {"invoices": 6, "payments": 4}
    facts = json.loads(tieout("status", "--json")[1])
    assert (facts["pushed_snapshot"] is not None, facts["failures"]) == (True, 0)
    assert "fleetflow.db" not in str(facts)
    assert tieout("disconnect")[0] == 0
    code, _, said = tieout("push")
    assert (code, "has no FleetFlow yet" in said) == (2, True)
