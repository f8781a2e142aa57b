"""Late fees as proposals: tried on the past, proposed once, approved by somebody else, billed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from billcom.sandbox.server import Sandbox
from etl.__main__ import main
from etl.back_office import BackOffice
from etl.billing.late_fees import LateFeeRule
from etl.errors import NotAllowedError
from etl.jobs.charge_late import preview_fees, propose_automatically, propose_fees
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.sync_tenant import sync_tenant
from etl.store import late_fee_rules, outbox
from etl.store.access import Grant, command_line_grant
from etl.store.models import AuditEntry, OutboxRow
from etl.store.tenants import find_tenant
from tests.dashboard.world import World, copied_world, make_world
from tests.etl.conftest import connected

AUGUST = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
FLAT = LateFeeRule("USD", "flat", Decimal(25), grace_days=5)
CHILD = """
import os, sys
from etl.__main__ import main
from etl.store import outbox
real = outbox.propose
def killed(*given, **more):
    if os.environ.pop("TIEOUT_TEST_LEFT", ""):
        return real(*given, **more)
    os.kill(os.getpid(), 9)
outbox.propose = killed
sys.exit(main(["late-fees", "propose", "--tenant", "harbor"]))
"""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("pristine") / "data")


@pytest.fixture
def world(pristine: World, tmp_path: Path) -> Iterator[World]:
    made = copied_world(pristine, tmp_path / "data")
    yield replace(made, office=replace(made.office, clock=lambda: AUGUST))
    made.office.store.engine.dispose()


Tieout = Callable[..., tuple[int, str]]


@pytest.fixture
def tieout(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tieout:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main([*arguments, "--tenant", "harbor"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def grant_of(office: BackOffice, slug: str = "harbor") -> Grant:
    with office.store.read() as session:
        return command_line_grant(find_tenant(session, slug), "olga")


def ruled(
    office: BackOffice,
    rule: LateFeeRule,
    slug: str = "harbor",
    since: str = "2025-01-01",
    **more: bool,
) -> None:
    ways = {"since": date.fromisoformat(since), "is_automatic": True} | more
    with office.store.begin() as session:
        grant = grant_of(office, slug)
        late_fee_rules.keep(session, grant, rule, at=office.clock(), **ways)


def rows(office: BackOffice, slug: str = "harbor") -> list[OutboxRow]:
    with office.store.read() as session:
        return outbox.listed(session, grant_of(office, slug), limit=1000)[::-1]


KEYS = ["late-fee I1 once", "late-fee I2 once", "late-fee I4 once"]


def test_a_dry_run_tells_what_was_charged_on_each_past_day_and_writes_nothing(world: World) -> None:
    def tried(rule: LateFeeRule, from_on: str, to_on: str) -> list[tuple[Any, ...]]:
        days = date.fromisoformat(from_on), date.fromisoformat(to_on)
        found = preview_fees(world.office, grant_of(world.office), [rule], *days)
        charges = [fee.charge for fee in found]
        return [
            (one.late.number, one.stage, str(one.charged_on), str(one.amount)) for one in charges
        ]

    assert tried(FLAT, "2025-01-01", "2025-08-01") == [
        ("I1", "once", "2025-05-08", "25.00"),
        ("I2", "once", "2025-07-07", "25.00"),
        ("I4", "once", "2025-04-07", "25.00"),
    ]
    assert [one[0] for one in tried(FLAT, "2025-05-01", "2025-06-30")] == ["I1"]
    # I5 was archived on 20 June: until then it was late.
    sooner = replace(FLAT, kind="percent", grace_days=3)
    assert ("I5", "once", "2025-06-19", "200.00") in tried(sooner, "2025-06-01", "2025-06-30")
    daily = LateFeeRule("CAD", "daily", Decimal("0.05"), grace_days=10)  # I3: 2000.00, due 30 May
    assert tried(daily, "2025-01-01", "2025-08-01") == [
        ("I3", "2025-06", "2025-07-01", "21.00"),  # from 10 June on
        ("I3", "2025-07", "2025-08-01", "31.00"),
    ]
    assert rows(world.office) == []


def test_it_is_proposed_once_however_often_and_at_once(world: World) -> None:
    ruled(world.office, FLAT, is_automatic=False)
    propose_automatically(world.office)
    assert rows(world.office) == []
    ruled(world.office, FLAT)
    with ThreadPoolExecutor(2) as pool:
        grant = grant_of(world.office)
        turns = [pool.submit(propose_fees, world.office, grant) for _ in range(2)]
        told = [fee for turn in turns for fee in turn.result()]
    assert not any(fee.refused for fee in told)
    assert sorted(row.idempotency_key for row in rows(world.office)) == KEYS
    assert propose_fees(world.office, grant) == []
    propose_automatically(replace(world.office, clock=lambda: AUGUST + timedelta(days=3)))
    assert sorted(row.idempotency_key for row in rows(world.office)) == KEYS
    [first, *_] = rows(world.office)
    assert (first.status, first.amount, first.currency) == ("proposed", Decimal("25.00"), "USD")
    assert first.outcome == "It waits for an approval: a late fee always does."


def test_killed_in_between_it_goes_on_where_it_was(world: World) -> None:
    ruled(world.office, FLAT)
    environment = os.environ | {
        "TIEOUT_DATA_DIR": str(world.settings.data_dir),
        "TIEOUT_TEST_LEFT": "1",
        "PYTHONPATH": str(Path.cwd()),
    }
    ended = subprocess.run([sys.executable, "-c", CHILD], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [row.idempotency_key for row in rows(world.office)] == KEYS[:1]
    assert [fee.key for fee in propose_fees(world.office, grant_of(world.office))] == KEYS[1:]
    assert [row.idempotency_key for row in rows(world.office)] == KEYS


def test_what_was_cancelled_is_waived_and_what_comes_before_the_rule_is_not_charged(
    world: World,
) -> None:
    ruled(world.office, FLAT, since="2025-07-01")
    grant = grant_of(world.office)
    [fee] = propose_fees(world.office, grant)
    assert fee.row
    assert fee.key == "late-fee I2 once"
    with world.office.store.begin() as session:
        with pytest.raises(NotAllowedError, match="proposed this yourself"):
            outbox.approve(session, grant, fee.row.receipt, at=AUGUST)
        outbox.cancel(session, grant, fee.row.receipt, at=AUGUST)
    assert propose_fees(world.office, grant) == []


def test_a_late_fee_that_is_late_itself_costs_nothing(world: World) -> None:
    ruled(world.office, FLAT, since="2025-05-01")
    grant = grant_of(world.office)
    first = replace(world.office, clock=lambda: datetime(2025, 5, 20, tzinfo=UTC))
    [fee] = propose_fees(first, grant)
    with world.office.store.begin() as session:
        assert fee.row
        row = session.get_one(OutboxRow, fee.row.id)
        row.status, row.result_id = "done", "I2"  # as if BILL had made this one of it
    assert propose_fees(world.office, grant) == []


def test_the_cap_counts_what_was_proposed_before(world: World) -> None:
    daily = LateFeeRule("CAD", "daily", Decimal("0.05"), grace_days=10, cap=Decimal(45))
    june = replace(world.office, clock=lambda: AUGUST - timedelta(days=20))
    ruled(world.office, daily)
    assert [(f.key, f.charge.amount) for f in propose_fees(june, grant_of(june))] == [
        ("late-fee I3 2025-06", Decimal("21.00"))
    ]
    [july] = propose_fees(world.office, grant_of(world.office))
    assert (july.key, july.charge.amount) == ("late-fee I3 2025-07", Decimal("24.00"))


def test_the_commands_set_try_propose_and_end_a_rule(world: World, tieout: Tieout) -> None:
    flat = ("late-fees", "rule", "--kind", "flat", "--rate", "25", "--grace", "5", "--tax", "10")
    assert tieout(*flat, "--as", "ada@harbor.example")[0] == 1  # an approver is no administrator
    assert tieout("late-fees", "preview")[1].startswith("There is no rule to try")
    assert tieout("late-fees", "propose")[1].startswith("Harbor Freight charges no late fees")
    code, said = tieout(*flat, "--since", "2025-07-01", "--as", "olga@harbor.example")
    assert (code, "kind flat; rate 25; grace days 5" in said) == (0, True)
    days = ("--from", "2025-01-01", "--to", "2025-08-01")
    assert (
        "would have been charged: 3 late fees of 82.50 USD with tax."
        in (tieout("late-fees", "preview", *days)[1])
    )
    assert "Proposed: 1 late fees of 27.50 USD with tax." in tieout("late-fees", "propose")[1]
    assert "Proposed: nothing." in tieout("late-fees", "propose")[1]
    [row] = rows(world.office)
    assert [line["description"] for line in row.input["invoiceLineItems"]] == [
        "Late fee on invoice I2, due 2025-06-30: 6 days late, 500.00 USD open",
        "Tax on the late fee",
    ]
    assert tieout("late-fees", "off")[0] == 0
    assert tieout("late-fees", "off")[1].startswith("Harbor Freight charges no late fees in USD")
    with world.office.store.read() as session:
        told = select(AuditEntry).where(AuditEntry.what.startswith("late_fees."))
        trail = [(one.what, one.actor, one.detail.get("rate")) for one in session.scalars(told)]
    assert trail[0] == ("late_fees.ruled", "olga@harbor.example", "25")
    assert [one[0] for one in trail] == ["late_fees.ruled", "late_fees.ended"]


def test_approved_it_is_one_invoice_in_bill(office: BackOffice, seeded: Sandbox) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade", trigger="test")
    before = set(book.invoices)
    rule = LateFeeRule("USD", "percent", Decimal("1.5"), minimum=Decimal(5))
    today = office.clock().date()
    ruled(office, rule, "cascade", since=(today - timedelta(days=40)).isoformat())
    told = propose_fees(office, grant_of(office, "cascade"))
    assert told
    assert not any(fee.refused for fee in told)
    approver = replace(grant_of(office, "cascade"), user="somebody else")
    first, *_ = told
    assert first.row
    with office.store.begin() as session:
        outbox.approve(session, approver, first.row.receipt, at=office.clock())
    dispatch_outbox(office)
    dispatch_outbox(office)
    [made] = set(book.invoices) - before
    assert book.invoices[made]["totalAmount"] == first.charge.amount
    terms = book.payment_terms[book.customers[first.charge.late.customer_id]["paymentTermId"]]
    due_on = today + timedelta(days=terms["daysDue"])
    assert book.invoices[made]["dueDate"] == due_on.isoformat()
    assert book.invoices[made]["customerId"] == first.charge.late.customer_id
    sync_tenant(office, "cascade", trigger="test")
    assert propose_fees(office, grant_of(office, "cascade")) == []
