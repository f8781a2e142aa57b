"""BILL's recurring invoices made, changed, paused and resumed, on the sandbox's book."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.server import Sandbox, running_sandbox
from etl.acting.books import BillBook, SnapshotBook
from etl.back_office import BackOffice
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.sync_tenant import sync_tenant
from etl.reading import Reader
from etl.store.tenants import find_tenant
from tests.etl.test_acting import Firm
from tests.worlds import written_world

DUE = "2099-01-31"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(written_world(), faults=Faults(seed=3)) as running:
        yield running


@pytest.fixture
def firm(office: BackOffice, sandbox: Sandbox) -> Firm:
    return Firm(office, sandbox)


def done(firm: Firm) -> str:
    dispatch_outbox(firm.office)
    row = firm.row(firm.row().receipt)
    assert row.status == "done", row.outcome
    return str(row.result_id)


def made(firm: Firm) -> str:
    given = {
        "customerId": firm.customer,
        "description": "Retainer",
        "schedule": {"period": "MONTHLY", "frequency": 1, "nextDueDate": DUE},
        "recurringInvoiceLineItems": [{"quantity": 2, "price": "50.25", "description": "Desk"}],
    }
    row = firm.propose("recurring.create", given, key="new")
    assert row.preview.startswith("BILL will bill Harlow 100.50 USD every month, first due 2099")
    return done(firm)


def test_it_is_made_changed_paused_and_resumed_and_both_books_agree(firm: Firm) -> None:
    known = made(firm)
    line = firm.book.recurring_invoices[known]["recurringInvoiceLineItems"][0]["id"]
    changes = {"id": known, "recurringInvoiceLineItems": [{"id": line, "price": "60.00"}]}
    for receipt, (action, given) in enumerate(
        [("recurring.update", changes), ("recurring.pause", {"id": known})], 2
    ):
        firm.propose(action, given, key=action)
        dispatch_outbox(firm.office)
        assert firm.row(receipt).status == "done", firm.row(receipt).outcome
    template = firm.book.recurring_invoices[known]
    assert (template["archived"], template["schedule"]["nextDueDate"]) == (True, DUE)
    assert template["recurringInvoiceLineItems"][0]["amount"] == Decimal("120.00")

    sync_tenant(firm.office, "cascade")
    with firm.office.store.read() as session:
        tenant = find_tenant(session, "cascade")
    reader, grant = Reader(firm.office.settings, firm.office.store), firm.grant("olga")
    snapshot = reader.snapshot(grant, reader.published(grant).seq)
    with firm.office.client_of(tenant) as client:
        told = SnapshotBook(snapshot, date(2026, 11, 26)).recurring(known)
        assert told is not None
        assert told == BillBook(client, "USD").recurring(known)
    assert (told.is_archived, told.next_due) == (True, date(2099, 1, 31))

    firm.propose("recurring.resume", {"id": known}, key="resume")
    dispatch_outbox(firm.office)
    assert firm.book.recurring_invoices[known]["archived"] is False


def test_a_lost_answer_makes_no_second_one(firm: Firm, sandbox: Sandbox) -> None:
    before = set(firm.book.recurring_invoices)
    path = "/v3/recurring-invoices"
    sandbox.faults.add(Fault("lost_answer", method="POST", path=path, count=1))
    known = made(firm)
    assert set(firm.book.recurring_invoices) - before == {known}
