"""Syncs against the sandbox over real HTTP, into real files."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from billcom.resources import CUSTOMERS
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from etl.back_office import BackOffice, Shared, open_back_office
from etl.errors import RunRefusedError
from etl.extract.plan import REFERENCE_PLAN
from etl.jobs.sync_tenant import sync_tenant
from etl.metrics.figures import Question
from etl.reading import Reader
from etl.scheduler import _must_wait
from etl.service.exposition import exposition
from etl.store import runs
from etl.store.access import command_line_grant
from etl.store.secrets import SecretBox
from etl.store.tenants import all_tenants, find_tenant
from tests.etl.conftest import connected
from tests.etl.dumps import dump
from tests.etl.test_store import add

TODAY = datetime.now(UTC).date()


def figures(office: BackOffice, metric: str, as_of: date = TODAY) -> list[dict[str, object]]:
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, "cascade"))
    reader = Reader(office.settings, office.store)
    seq = reader.published(grant).seq
    return reader.figures(grant, metric, Question(as_of=as_of), seq).records()


@pytest.mark.both_databases
def test_a_first_sync_holds_the_whole_book_and_ties_out(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    report = sync_tenant(office, "cascade")
    assert (report.status, report.error) == ("succeeded", None)
    references = {step.resource.name for step in REFERENCE_PLAN}
    assert {n: rows for n, rows in report.rows.items() if n not in references} == {
        "customers": len(book.customers),
        "receivable_payments": len(book.payments),
        "credit_memos": len(book.credit_memos),
        "invoices": len(book.invoices),
        "recurring_invoices": len(book.recurring_invoices),
    }
    assert report.rows["payment_terms"] == len(book.payment_terms)
    assert references <= report.rows.keys()
    with office.store.read() as session:
        snapshot = runs.current_snapshot(session, find_tenant(session, "cascade").id)
    assert snapshot is not None
    assert {check["check"]: check["findings"] for check in snapshot.checks if check["count"]} == {}
    assert len(snapshot.checks) >= 5


@pytest.mark.both_databases
def test_a_second_sync_of_an_unchanged_book_is_cheap_and_publishes_nothing(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    first = sync_tenant(office, "cascade")
    before = dump(office.settings, "cascade")
    office.shared.sessions.clear()  # as another process would, it signs in anew
    second = sync_tenant(office, "cascade")
    assert set(second.rows.values()) == {0}
    assert second.api_calls <= 6
    assert second.snapshot == first.snapshot
    assert dump(office.settings, "cascade") == before


def test_fifty_changed_invoices_come_in_few_calls_and_nothing_else_changes(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    sync_tenant(office, "cascade")
    before = {row["invoice_id"]: row for row in figures(office, "invoices")}
    changed = [bill_id for bill_id, row in before.items() if row["state"] != "archived"][:50]
    for bill_id in changed:
        book.archive_invoice(str(bill_id))
    office.shared.sessions.clear()
    third = sync_tenant(office, "cascade")
    after = {row["invoice_id"]: row for row in figures(office, "invoices")}
    assert third.api_calls <= 8
    assert third.rows["invoices"] == 50
    assert {bill_id for bill_id in after if after[bill_id] != before[bill_id]} == set(changed)
    assert {after[bill_id]["state"] for bill_id in changed} == {"archived"}


def test_a_full_sync_reads_all_again_and_adds_nothing(office: BackOffice, seeded: Sandbox) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    full = sync_tenant(office, "cascade", full=True)
    lists = (
        book.customers,
        book.payments,
        book.credit_memos,
        book.invoices,
        book.recurring_invoices,
    )
    assert full.api_calls >= sum(-(-len(records) // 100) for records in lists)
    assert set(full.rows.values()) == {0}


@pytest.mark.both_databases
def test_two_runs_of_a_tenant_are_never_under_way_at_once(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            outcomes.append(sync_tenant(office, "cascade").status)
        except RunRefusedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "succeeded" in outcomes
    assert set(outcomes) <= {"succeeded", "refused"}
    with office.store.read() as session:
        statuses = [run.status for run in runs.recent_runs(session, tenant.id)]
    assert statuses.count("succeeded") == outcomes.count("succeeded")


def test_a_spent_budget_ends_the_run_with_its_reason_and_the_next_hour_goes_on(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    now = [datetime(2026, 11, 23, 10, 5, tzinfo=UTC)]
    poor = replace(
        office,
        settings=replace(office.settings, hourly_budget=8),
        clock=lambda: now[0],
        shared=Shared(),
    )
    report = sync_tenant(poor, "cascade")
    assert report.status == "pending"
    assert report.error is not None
    assert "renewed at 11:00 UTC" in report.error
    assert report.resumes_at == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert report.snapshot is None
    first = report
    while report.status == "pending":
        now[0] += timedelta(hours=1)
        before = report.api_calls
        report = sync_tenant(poor, "cascade")
        assert report.api_calls <= before + 8
        assert report.run_id == first.run_id
    undisturbed = seeded.world.tenants[0].book
    assert len(figures(office, "invoices")) == len(undisturbed.invoices)


@pytest.fixture
def small() -> tuple[World, SettableClock]:
    clock = SettableClock(datetime(2026, 3, 2, 18, tzinfo=UTC))
    return World([empty_tenant("cascade", "Cascade Dispatch", clock)], clock), clock


@pytest.mark.both_databases
def test_a_payment_that_comes_back_is_seen_and_dated(
    office: BackOffice, small: tuple[World, SettableClock]
) -> None:
    world, clock = small
    with running_sandbox(world) as sandbox:
        book = connected(office, sandbox, time_zone="America/Chicago").book
        address = {"line1": "1 Dock St", "city": "Boise", "zipOrPostalCode": "83702"}
        carrier = book.create_customer(
            {
                "name": "Harlow Carriers",
                "email": "ap@harlow.example",
                "billingAddress": address | {"country": "US"},
            }
        )
        account = book.add_bank_account(str(carrier["id"]))
        bill = book.create_invoice(
            {
                "customer": {"id": carrier["id"]},
                "invoiceDate": "2026-03-02",
                "dueDate": "2026-03-09",
                "invoiceLineItems": [{"quantity": 1, "price": "450.10", "description": "Loads"}],
            }
        )
        charge = book.charge_customer(
            {
                "customerId": carrier["id"],
                "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
                "invoicePayments": [{"invoiceId": bill["id"], "amount": "450.10"}],
                "paymentDate": "2026-03-04",
            }
        )
        sync_tenant(office, "cascade")
        clock.set(datetime(2026, 3, 5, 18, tzinfo=UTC))
        book.settle_payment(str(charge["id"]))
        sync_tenant(office, "cascade")
        clock.set(datetime(2026, 3, 10, 3, tzinfo=UTC))  # still the 9th in Chicago
        book.void_payment(str(charge["id"]))
        sync_tenant(office, "cascade")
    open_on = {
        day: [row["open_amount"] for row in figures(office, "open_items", date(2026, 3, day))]
        for day in (3, 4, 8, 9)
    }
    owed = [Decimal("450.10")]
    assert open_on == {3: owed, 4: [], 8: [], 9: owed}
    failures = figures(office, "failed_payments", date(2026, 3, 31))
    assert [(row["failed_on"], row["basis"]) for row in failures] == [
        (date(2026, 3, 9), "observed")
    ]


def test_an_empty_book_is_published_as_one(
    office: BackOffice, small: tuple[World, SettableClock]
) -> None:
    with running_sandbox(small[0]) as sandbox:
        connected(office, sandbox)
        report = sync_tenant(office, "cascade")
    assert report.status == "succeeded"
    assert report.snapshot is not None
    for metric in ("ar_aging", "summary", "invoices", "failed_payments_by_month"):
        assert figures(office, metric) == []


def test_a_bill_that_cannot_be_reached_leaves_what_was_published(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    first = sync_tenant(office, "cascade")
    with office.store.begin() as session:
        find_tenant(session, "cascade").base_url = "http://127.0.0.1:9/connect"
    hasty = replace(office, sleep=lambda _s: None, shared=Shared())
    report = sync_tenant(hasty, "cascade")
    assert report.status == "failed"
    assert report.error is not None
    assert "cannot be reached" in report.error
    assert report.snapshot == first.snapshot
    assert figures(office, "ar_aging") != []


def test_a_full_read_larger_than_an_hours_budget_goes_on_where_it_stopped(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    sync_tenant(office, "cascade")
    now = [datetime.now(UTC).replace(minute=5) + timedelta(hours=1)]
    poor = replace(
        office,
        settings=replace(office.settings, hourly_budget=6),
        clock=lambda: now[0],
        shared=Shared(),
    )
    seeded.calls.clear()
    report = sync_tenant(poor, "cascade", full=True)
    hours = 0
    while report.status == "pending":
        hours += 1
        assert hours < 40
        now[0] += timedelta(hours=1)
        report = sync_tenant(poor, "cascade")
    assert report.status == "succeeded"
    assert hours >= 1
    pages = [call for call in seeded.calls if call.path.endswith("/invoices")]
    assert len(pages) >= -(-len(book.invoices) // 100)  # all of them were read again


def test_a_process_that_is_asked_to_end_neither_waits_nor_calls_on(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    with office.store.begin() as session:
        find_tenant(session, "cascade").base_url = "http://127.0.0.1:9/connect"
    ending = open_back_office(office.settings)
    ending.stopping.set()
    report = sync_tenant(ending, "cascade")
    assert report.error == "The back office was stopped; the next run continues here."


def test_a_call_that_cannot_be_counted_is_a_call_all_the_same(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
    with office.client_of(tenant) as client:
        client.sign_in()
        office.store.engine.dispose()
        with office.store.begin() as session:
            session.execute(text("drop table bill_calls"))
            session.execute(text("drop table circuits"))
        page = next(client.pages(CUSTOMERS, page_size=1))
    assert len(page.records) == 1


def test_a_tenant_whose_credentials_cannot_be_read_holds_no_other_up(
    office: BackOffice, seeded: Sandbox
) -> None:
    connected(office, seeded)
    add(office, "prairie")
    other_box = SecretBox(Fernet.generate_key().decode())
    with office.store.begin() as session:
        find_tenant(session, "cascade").credentials = other_box.seal("[]")
    with office.store.read() as session:
        waiting = [t.slug for t in all_tenants(session) if _must_wait(office, session, t)]
    assert waiting == ["cascade"]
    assert b'tieout_bill_hour_budget{tenant="prairie"} 1000.0' in exposition(office)
