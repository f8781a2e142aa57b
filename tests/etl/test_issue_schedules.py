"""Billing schedules in the sandbox's book: one invoice a period, whatever happens to the runs."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from etl.back_office import BackOffice, open_back_office
from etl.billing.billing_periods import Cadence
from etl.billing.billing_terms import Term, Terms, terms_line, usage_line
from etl.errors import UsageError
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.issue_schedules import issue_all, issue_schedules
from etl.jobs.plan_issues import history
from etl.jobs.sync_tenant import sync_tenant
from etl.reading import today_of
from etl.store import alerts, billing_schedules, billing_usage, outbox, worlds
from etl.store.access import Grant, command_line_grant
from etl.store.billing_usage import Noted
from etl.store.models import OutboxRow
from etl.store.tenants import connection_of, find_tenant, prefer
from etl.store.worlds import Connection
from tests.etl.conftest import connected
from tests.etl.test_commands import Shell

CHICAGO = ZoneInfo("America/Chicago")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


class Firm:
    """A tenant in Chicago with one customer, whose clock and BILL's is moved by hand."""

    def __init__(self, office: BackOffice, sandbox: Sandbox, clock: SettableClock) -> None:
        self.clock, self.sandbox = clock, sandbox
        self.office = replace(office, clock=clock)
        self.book = connected(self.office, sandbox, time_zone="America/Chicago").book
        given = {"name": "Harlow", "email": "ap@h.example"}
        self.customer = str(self.book.create_customer(given)["id"])
        self.invoices_before = set(self.book.invoices)
        sync_tenant(self.office, "cascade")

    def again(self) -> BackOffice:
        """Another process's view of the same."""
        return replace(open_back_office(self.office.settings), clock=self.clock)

    @property
    def grant(self) -> Grant:
        with self.office.store.read() as session:
            return command_line_grant(find_tenant(session, "cascade"), "test")

    def add(
        self,
        name: str,
        kind: str,
        start: str,
        end: str | None = None,
        *,
        lines: tuple[Term, ...] = (terms_line("Desk=2x50.00", "USD"),),
        **more: Any,
    ) -> None:
        first = date.fromisoformat(start)
        last = date.fromisoformat(end) if end else None
        cadence = Cadence.of(kind, first, first, last)
        terms = Terms(cadence, self.customer, "USD", lines, **more)
        with self.office.store.begin() as session:
            at = self.clock()
            billing_schedules.add(session, self.grant, name, "Harlow", terms, at=at)

    def rows(self) -> list[OutboxRow]:
        with self.office.store.read() as session:
            return outbox.listed(session, self.grant, limit=500)

    def billed(self) -> list[str]:
        """The dates of the invoices that BILL's book has now, each once for every invoice."""
        made = set(self.book.invoices) - self.invoices_before
        return sorted(str(self.book.invoices[one]["invoiceDate"]) for one in made)

    def states(self, name: str) -> list[str]:
        today = today_of(self.grant, self.clock())
        told = history(self.office.store, self.grant, name, today)
        return [one.row.status if one.row else one.state for one in told]


@pytest.fixture
def firm(office: BackOffice) -> Iterator[Firm]:
    clock = SettableClock(local("2026-10-25T12:00"))
    world = World([empty_tenant("cascade", "Cascade Dispatch", clock)], clock)
    with running_sandbox(world, faults=Faults(seed=5)) as sandbox:
        yield Firm(office, sandbox, clock)


def test_every_period_is_billed_once_over_changes_of_clocks_and_month_ends(firm: Firm) -> None:
    firm.add("month", "monthly", "2026-10-31")
    firm.add("autumn", "weekly", "2026-10-26", "2026-11-15")
    firm.add("spring", "weekly", "2027-03-08", "2027-03-21", billed="arrears")
    seen = 0
    while firm.clock() < local("2027-04-01T12:00"):
        issue_all(firm.office)
        issue_all(firm.office)
        if len(rows := firm.rows()) > seen:
            seen = len(rows)
            dispatch_outbox(firm.office)
        firm.clock.advance(timedelta(hours=23))
    months = ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]
    weeks = ["2026-10-26", "2026-11-02", "2026-11-09", "2027-03-15", "2027-03-22"]
    assert firm.billed() == sorted(months + weeks)
    assert {row.status for row in firm.rows()} == {"done"}


def test_a_period_begins_at_the_tenants_midnight_on_days_of_23_and_25_hours(firm: Firm) -> None:
    firm.add("back", "yearly", "2026-11-01", "2026-11-30")
    firm.add("forth", "yearly", "2027-03-14", "2027-03-31")
    for moment, wanted in (
        ("2026-10-31T23:59", 0),
        ("2026-11-01T00:00", 1),
        ("2026-11-01T23:59", 1),
        ("2027-03-13T23:59", 1),
        ("2027-03-14T00:00", 2),
        ("2027-03-14T23:59", 2),
    ):
        firm.clock.set(local(moment))
        issue_all(firm.office)
        assert len(firm.rows()) == wanted, moment


def test_a_run_that_ends_half_way_is_taken_up_and_bills_nothing_twice(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm.add("desk", "weekly", "2026-10-05")  # three weeks are due at once

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    for proposed in (1, 2):  # it dies after a proposal, before it says so
        with monkeypatch.context() as patched:
            patched.setattr(billing_schedules, "settle", killed)
            with pytest.raises(KeyboardInterrupt):
                issue_schedules(firm.office, firm.grant)
        assert len(firm.rows()) == proposed
    issue_all(firm.again())  # another process, before anything was sent
    assert len(firm.rows()) == 3
    firm.sandbox.faults.add(Fault("lost_answer", method="POST", path="/v3/invoices", count=2))
    for _ in range(3):
        dispatch_outbox(firm.again())
        issue_all(firm.again())
        firm.clock.advance(timedelta(minutes=5))
    assert firm.billed() == ["2026-10-05", "2026-10-12", "2026-10-19"]
    assert firm.states("desk") == ["done"] * 3


@pytest.mark.both_databases
def test_two_runs_at_once_propose_and_send_each_period_once(firm: Firm) -> None:
    firm.add("one", "weekly", "2026-10-05")
    firm.add("two", "monthly", "2026-09-30", billed="advance")
    offices = [firm.again() for _ in range(2)]
    gate = threading.Barrier(2)

    def run(office: BackOffice) -> None:
        gate.wait()
        issue_all(office)
        gate.wait()
        dispatch_outbox(office)

    threads = [threading.Thread(target=run, args=(one,)) for one in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dispatch_outbox(firm.office)
    assert firm.billed() == ["2026-09-30", "2026-10-05", "2026-10-12", "2026-10-19"]
    assert len(firm.rows()) == 4
    for one in offices:
        one.store.engine.dispose()


def test_another_world_is_billed_nothing_until_somebody_says_so(firm: Firm) -> None:
    firm.add("desk", "weekly", "2026-10-26")
    firm.clock.set(local("2026-10-26T09:00"))
    with firm.office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        environment, credentials = connection_of(firm.office.box, tenant)
        target = Connection(environment, replace(credentials, organization_id="00899"))
        worlds.move(session, firm.office.box, tenant, target, at=firm.clock(), actor="test")
    issue_all(firm.office)
    assert firm.rows() == []
    with firm.office.store.read() as session:
        (row,) = billing_schedules.schedules(session, firm.grant)
        assert row.paused_at == firm.clock()


def test_what_falls_due_in_a_pause_is_never_billed(firm: Firm) -> None:
    firm.add("desk", "weekly", "2026-10-26")
    firm.clock.set(local("2026-10-26T09:00"))
    issue_all(firm.office)
    with firm.office.store.begin() as session:
        billing_schedules.pause(session, firm.grant, "desk", at=firm.clock())
    firm.clock.set(local("2026-11-10T09:00"))
    issue_all(firm.office)
    assert len(firm.rows()) == 1
    with firm.office.store.begin() as session:
        today = date(2026, 11, 10)
        billing_schedules.resume(session, firm.grant, "desk", today=today, at=firm.clock())
    issue_all(firm.office)
    assert firm.states("desk") == ["queued", "left out", "left out"]
    firm.clock.set(local("2026-11-16T00:01"))
    issue_all(firm.office)
    assert firm.states("desk") == ["queued", "left out", "left out", "queued"]
    with firm.office.store.begin() as session:
        outbox.cancel(session, firm.grant, 1, at=firm.clock())
    issue_all(firm.office)  # what was cancelled is issued again only when asked
    assert firm.states("desk") == ["cancelled", "left out", "left out", "queued"]
    for _ in range(2):
        issue_schedules(firm.office, firm.grant, again=True)
    assert firm.states("desk") == ["queued", "left out", "left out", "queued"]
    assert len(firm.rows()) == 3


def test_usage_is_billed_once_after_its_period_and_late_usage_after_the_next(firm: Firm) -> None:
    lines = (terms_line("Desk=50.00", "USD"), usage_line("Loads=12.50", "USD"))
    firm.add("loads", "weekly", "2026-10-19", lines=lines, billed="arrears")
    note(firm, "L-1", "2026-10-20", "2")
    note(firm, "L-1", "2026-10-20", "2")  # told twice is noted once
    note(firm, "L-2", "2026-10-25", "1.5")
    firm.clock.set(local("2026-10-26T00:00"))
    for _ in range(2):
        issue_all(firm.office)
    note(firm, "L-3", "2026-10-25", "1")  # too late for its week
    issue_all(firm.office)
    assert [str(row.amount) for row in firm.rows()] == ["93.75"]
    firm.clock.set(local("2026-11-02T00:00"))
    issue_all(firm.office)
    assert [str(row.amount) for row in firm.rows()] == ["62.50", "93.75"]
    with firm.office.store.begin() as session:
        outbox.cancel(session, firm.grant, 2, at=firm.clock())
    issue_schedules(firm.office, firm.grant, again=True)  # takes its usage again
    assert [str(row.amount) for row in firm.rows()] == ["62.50", "62.50", "93.75"]
    with pytest.raises(UsageError, match="names other usage"):
        note(firm, "L-3", "2026-10-25", "7")


def note(firm: Firm, reference: str, on: str, quantity: str) -> None:
    entry = Noted(reference, "Loads", date.fromisoformat(on), Decimal(quantity))
    with firm.office.store.begin() as session:
        schedule = billing_schedules.find(session, firm.grant, "loads")
        billing_usage.note(session, firm.grant, schedule, [entry], at=firm.clock())


def test_one_that_cannot_be_billed_alerts_and_goes_on_once_it_can(firm: Firm) -> None:
    firm.add("desk", "weekly", "2026-10-12")
    firm.book.archive_customer(firm.customer)
    sync_tenant(firm.office, "cascade")
    assert [one.state for one in issue_schedules(firm.office, firm.grant)] == ["refused"]
    with firm.office.store.read() as session:
        (alert,) = alerts.open_alerts(session)
    assert alert.kind == "billing_stopped:1"
    assert "Harlow is archived" in alert.sentence
    firm.book.restore_customer(firm.customer)
    sync_tenant(firm.office, "cascade")
    issue_all(firm.office)
    with firm.office.store.read() as session:
        assert alerts.open_alerts(session) == []
    assert firm.states("desk") == ["queued", "queued"]


@pytest.mark.parametrize(("due_dates", "days"), [("terms", 30), ("free", 10)])
def test_the_customers_own_terms_say_when_it_is_due(firm: Firm, due_dates: str, days: int) -> None:
    stamp = {"createdTime": "2026-10-25T17:00:00.000+00:00"}
    term = {"id": "00p0000000000000net30", "name": "Net 30", "daysDue": 30, **stamp}
    firm.book.payment_terms.put({**term, "updatedTime": stamp["createdTime"]})
    firm.clock.advance(timedelta(days=2))
    firm.book.change_customer(firm.customer, {"paymentTermId": term["id"]})
    sync_tenant(firm.office, "cascade")
    with firm.office.store.begin() as session:
        at = firm.clock()
        prefer(session, "cascade", {"due_dates": due_dates}, at=at, actor="test")
    firm.add("desk", "monthly", "2026-10-27", due_days=10)
    issue_all(firm.office)
    dispatch_outbox(firm.office)
    (made,) = set(firm.book.invoices) - firm.invoices_before
    invoice = firm.book.invoices[made]
    issued_on = date.fromisoformat(str(invoice["invoiceDate"]))
    assert str(invoice["dueDate"]) == str(issued_on + timedelta(days=days))


def test_the_command_adds_previews_issues_pauses_and_resumes(firm: Firm) -> None:
    shell = Shell(firm.office.settings.data_dir)
    tenant = ("--tenant", "cascade")
    asked = ("--customer", firm.customer, "--line", "Desk=2x50.00", "--line", "Line=9.99")
    made = shell("schedules", "add", "desk", *asked, *tenant, "--json")
    assert made.returncode == 0, made.stderr
    first, *later = json.loads(made.stdout)["invoices"]
    assert (first["state"], first["amount"]) == ("due", "109.99")
    assert [one["state"] for one in later] == ["to come"] * 3
    dry = shell("schedules", "issue", *tenant, "--dry-run", "--json")
    assert [one["key"] for one in json.loads(dry.stdout)["invoices"]] == [first["key"]]
    assert firm.rows() == []
    done = json.loads(shell("schedules", "issue", *tenant, "--json").stdout)["invoices"]
    assert [(one["receipt"], one["state"]) for one in done] == [(1, "queued")]
    assert "Nothing is due." in shell("schedules", "issue", *tenant).stdout
    assert "queued" in shell("schedules", "preview", "desk", *tenant).stdout
    assert shell("schedules", "pause", "desk", *tenant).returncode == 0
    assert "paused" in shell("schedules", "list", *tenant).stdout
    assert "is paused already" in shell("schedules", "pause", "desk", *tenant).stderr
    assert shell("schedules", "resume", "desk", *tenant).returncode == 0
    assert "no schedule “x”" in shell("schedules", "preview", "x", *tenant).stderr
    used = ("--usage", "Loads=12.50", "--billed", "arrears", "--start", "2026-01-05")
    made = shell("schedules", "add", "loads", "--customer", firm.customer, *used, *tenant)
    assert made.returncode == 0, made.stderr
    asked = ("--line", "Loads", "--quantity", "3", "--on", "2026-01-06", "--reference", "L-1")
    assert "Noted 1 of 1" in shell("schedules", "usage", "loads", *asked, *tenant).stdout
    assert "Noted 0 of 1" in shell("schedules", "usage", "loads", *asked, *tenant).stdout
    due = json.loads(shell("schedules", "issue", "loads", "--dry-run", *tenant, "--json").stdout)
    assert [one["amount"] for one in due["invoices"]] == ["37.50"]
