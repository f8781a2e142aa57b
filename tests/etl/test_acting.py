"""Approval, expiry, keys, notes and the command line of acting, on the sandbox's book."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from billcom.sandbox.book import Book
from billcom.sandbox.customers import set_authorized
from billcom.sandbox.faults import Fault
from billcom.sandbox.server import Sandbox, running_sandbox
from etl.acting import proposing
from etl.acting.books import BillBook
from etl.back_office import BackOffice
from etl.errors import NotAllowedError, UsageError
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.store import outbox, users
from etl.store.access import Grant, Permission, authorize
from etl.store.models import AuditEntry, CustomerNote, OutboxRow
from etl.store.tenants import find_tenant, prefer
from tests.etl.conftest import connected
from tests.etl.test_commands import Shell
from tests.worlds import written_world

PASSWORD = "a-long-password"
ADDRESS = {"line1": "1 Dock Road", "city": "Reno", "zipOrPostalCode": "89501", "country": "US"}


class Firm:
    """A connected tenant with an operator and two approvers, and one open invoice of 100.00."""

    def __init__(self, office: BackOffice, sandbox: Sandbox) -> None:
        self.office = office
        self.book: Book = connected(office, sandbox).book
        known = {"name": "Harlow", "email": "ap@h.example", "billingAddress": ADDRESS}
        self.customer = self.book.create_customer(known)["id"]
        self.invoice = self.billed()
        for email, role in (("ann@x.example", "approver"), ("bo@x.example", "approver")):
            self.add(email, role)
        self.add("olga@x.example", "operator")

    def billed(self) -> str:
        line = {"quantity": 1, "price": "100.00", "description": "Dispatch"}
        made = self.book.create_invoice(
            {"customer": {"id": self.customer}, "invoiceLineItems": [line]}
        )
        return str(made["id"])

    def add(self, email: str, role: str) -> None:
        with self.office.store.begin() as session:
            tenant = find_tenant(session, "cascade")
            users.add_membership(
                session,
                email,
                tenant,
                role,
                password=PASSWORD,
                at=self.office.clock(),
                actor="test",
            )

    def grant(self, name: str, permission: Permission = Permission.ACT) -> Grant:
        with self.office.store.read() as session:
            user = users.find_user(session, f"{name}@x.example")
            assert user
            at = self.office.clock()
            return authorize(session, user.id, "cascade", permission, at=at)

    def limit(self, amount: str) -> None:
        with self.office.store.begin() as session:
            changes = {"approve_over": (("USD", amount),)}
            prefer(session, "cascade", changes, at=self.office.clock(), actor="test")

    def propose(
        self,
        action: str,
        given: dict[str, Any],
        *,
        by: str = "olga",
        key: str = "k",
        lasts: timedelta = outbox.LASTS,
    ) -> OutboxRow:
        effect = proposing.wanted(action, given, key)
        with self.office.store.read() as session:
            tenant = find_tenant(session, "cascade")
        with self.office.client_of(tenant) as client:
            return proposing.propose(
                self.office.store,
                self.grant(by),
                BillBook(client, "USD"),
                effect,
                at=self.office.clock(),
                lasts=lasts,
            )

    def archived(self, **more: Any) -> OutboxRow:
        return self.propose("invoice.archive", {"id": self.invoice}, **more)

    def row(self, receipt: int = 1) -> OutboxRow:
        with self.office.store.read() as session:
            return outbox.find_receipt(session, self.grant("olga"), receipt)

    def approve(self, name: str, receipt: int = 1) -> OutboxRow:
        with self.office.store.begin() as session:
            grant = self.grant(name, Permission.APPROVE)
            return outbox.approve(session, grant, receipt, at=self.office.clock())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(written_world()) as running:
        yield running


@pytest.fixture
def firm(office: BackOffice, sandbox: Sandbox) -> Firm:
    return Firm(office, sandbox)


@pytest.mark.both_databases
def test_over_the_limit_it_waits_for_somebody_else_and_then_happens(firm: Firm) -> None:
    firm.limit("99.99")
    assert firm.archived(by="ann").status == "proposed"
    dispatch_outbox(firm.office)
    assert firm.row().status == "proposed"
    with pytest.raises(NotAllowedError, match="proposed this yourself"):
        firm.approve("ann")
    with pytest.raises(NotAllowedError, match="operator"):
        firm.approve("olga")
    assert firm.book.invoices[firm.invoice]["archived"] is False
    assert firm.approve("bo").approved_by == "bo@x.example"
    dispatch_outbox(firm.office)
    assert firm.row().status == "done"
    assert firm.book.invoices[firm.invoice]["archived"] is True
    with pytest.raises(UsageError, match="does not wait for an approval: it is done"):
        firm.approve("bo")


def test_at_the_limit_nobody_is_asked(firm: Firm) -> None:
    firm.limit("100.00")
    assert firm.archived().status == "queued"


def test_what_nobody_approved_in_time_expires_and_is_never_sent(firm: Firm) -> None:
    firm.limit("1")
    firm.archived(lasts=timedelta(days=1))
    later = replace(firm.office, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    dispatch_outbox(later)
    assert firm.row().status == "expired"
    assert "not approved before it expired" in str(firm.row().outcome)
    with pytest.raises(UsageError, match="it is expired"):
        firm.approve("bo")


def test_what_is_cancelled_is_never_sent(firm: Firm) -> None:
    firm.archived()
    with firm.office.store.begin() as session:
        outbox.cancel(session, firm.grant("olga"), 1, at=firm.office.clock())
    dispatch_outbox(firm.office)
    assert firm.row().status == "cancelled"
    assert firm.book.invoices[firm.invoice]["archived"] is False


def test_receipts_number_a_tenants_actions_without_gaps(firm: Firm) -> None:
    given = {"customerId": firm.customer, "text": "Pays on Fridays."}
    receipts = [firm.propose("customer.note", given, key=f"k{n % 3}").receipt for n in range(6)]
    assert receipts == [1, 2, 3, 1, 2, 3]


def test_a_promise_is_kept_here_at_once_and_never_sent(firm: Firm, sandbox: Sandbox) -> None:
    firm.limit("1")
    given = {"customerId": firm.customer, "promisedOn": "2026-12-04", "amount": "100.00"}
    assert firm.propose("customer.promise", given).status == "done"
    with firm.office.store.read() as session:
        [kept] = session.scalars(select(CustomerNote))
    assert (str(kept.promised_on), str(kept.amount), kept.currency) == (
        "2026-12-04",
        "100.00",
        "USD",
    )
    assert [call for call in sandbox.calls if call.method == "POST" and "note" in call.path] == []


def test_actions_on_one_record_go_in_the_order_they_were_asked_for(firm: Firm) -> None:
    firm.propose("invoice.update", {"id": firm.invoice, "dueDate": "2027-01-15"}, key="a")
    firm.archived(key="b")
    firm.propose("invoice.update", {"id": firm.billed(), "dueDate": "2027-01-16"}, key="c")
    for _ in range(2):
        dispatch_outbox(firm.office)
    assert [firm.row(n).status for n in (1, 2, 3)] == ["done"] * 3
    invoice = firm.book.invoices[firm.invoice]
    assert (invoice["dueDate"], invoice["archived"]) == ("2027-01-15", True)


def test_while_a_limit_is_spent_all_of_a_tenants_actions_wait_with_the_reason(
    firm: Firm, sandbox: Sandbox
) -> None:
    for number in range(3):
        firm.propose(
            "invoice.update", {"id": firm.billed(), "dueDate": "2027-01-15"}, key=str(number)
        )
    before = sandbox.calls.total
    fault = sandbox.faults.add(Fault("hour_limit", path="/v3/invoices.*"))
    dispatch_outbox(firm.office)
    sandbox.faults.remove(fault)
    rows = [firm.row(number) for number in (1, 2, 3)]
    assert [row.status for row in rows] == ["queued"] * 3
    assert len({row.not_before for row in rows}) == 1
    assert all("per hour" in str(row.outcome) or "hour" in str(row.outcome) for row in rows)
    assert sandbox.calls.total - before <= 2
    later = replace(firm.office, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    dispatch_outbox(later)
    assert [firm.row(number).status for number in (1, 2, 3)] == ["done"] * 3


def test_a_bank_account_is_charged_once_it_is_authorized(firm: Firm) -> None:
    account = firm.book.add_bank_account(firm.customer)
    firm.book.do(set_authorized, firm.customer, {"authorizedToCharge": False})
    given = {
        "customerId": firm.customer,
        "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": firm.invoice, "amount": "100.00"}],
    }
    with pytest.raises(UsageError, match="not authorized"):
        firm.propose("payment.charge", given)
    firm.book.do(set_authorized, firm.customer, {"authorizedToCharge": True})
    firm.propose("payment.charge", given)
    dispatch_outbox(firm.office)
    row = firm.row()
    assert row.status == "done", row.outcome
    payment = firm.book.payments[str(row.result_id)]
    assert (payment["status"], str(payment["amount"])) == ("SCHEDULED", "100.00")


def test_a_charge_without_an_account_takes_the_only_one(firm: Firm) -> None:
    firm.book.do(set_authorized, firm.customer, {"authorizedToCharge": True})
    parts = [{"invoiceId": firm.invoice, "amount": "60.00"}]
    given = {"customerId": firm.customer, "invoicePayments": parts}
    account = firm.book.add_bank_account(firm.customer)
    firm.propose("payment.charge", given, key="one")
    dispatch_outbox(firm.office)
    assert firm.row().status == "done", firm.row().outcome
    assert firm.book.payments[str(firm.row().result_id)]["fundingAccount"]["id"] == account
    firm.book.add_bank_account(firm.customer)
    with pytest.raises(UsageError, match="has 2 bank accounts that can be charged: name"):
        firm.propose("payment.charge", given, key="two")


def linked(firm: Firm, **more: Any) -> OutboxRow:
    given = {"id": firm.invoice, "customerId": firm.customer, "email": "ap@h.example"}
    return firm.propose("invoice.payment_link", given | more)


def test_a_payment_link_is_on_the_row_and_nowhere_in_the_audit_trail(firm: Firm) -> None:
    linked(firm)
    dispatch_outbox(firm.office)
    row = firm.row()
    assert (row.status, row.outcome) == ("done", "BILL gave a payment link.")
    assert str(row.link).startswith("https://pay.")
    with firm.office.store.read() as session:
        assert not [
            one for one in session.scalars(select(AuditEntry)) if row.link in str(one.detail)
        ]


def test_a_payment_link_is_asked_for_again_after_a_lost_answer(
    firm: Firm, sandbox: Sandbox
) -> None:
    linked(firm)
    fault = sandbox.faults.add(Fault("lost_answer", path="/v3/invoices/.*/payment-link"))
    dispatch_outbox(firm.office)
    sandbox.faults.remove(fault)
    assert firm.row().status == "queued"
    assert "asked again" in str(firm.row().outcome)
    dispatch_outbox(replace(firm.office, clock=lambda: datetime.now(UTC) + timedelta(minutes=1)))
    assert (firm.row().status, firm.row().sends) == ("done", 2)


def test_there_is_no_link_for_another_customers_invoice_or_an_address_that_is_none(
    firm: Firm,
) -> None:
    other = firm.book.create_customer({"name": "Other", "email": "o@o.example"})["id"]
    with pytest.raises(UsageError, match="is not one of Other's"):
        linked(firm, customerId=other)
    with pytest.raises(UsageError, match="is not an e-mail address"):
        linked(firm, email="nobody")


@pytest.fixture
def tieout(firm: Firm, tmp_path: Path) -> Shell:
    return Shell(firm.office.settings.data_dir)


def asked(tieout: Shell, tmp_path: Path, action: str, given: Any, *more: str) -> Any:
    file = tmp_path / "input.json"
    file.write_text(given if isinstance(given, str) else json.dumps(given))
    return tieout("act", action, "--tenant", "cascade", "--input", str(file), *more)


def test_the_command_line_acts_at_once_and_the_same_key_is_the_same_action(
    firm: Firm, tieout: Shell, tmp_path: Path
) -> None:
    line = {"quantity": 1, "price": 12.5, "description": "Dispatch"}
    given = {"customer": {"id": firm.customer}, "invoiceLineItems": [line]}
    invoices = len(firm.book.invoices)
    told = [
        json.loads(
            asked(tieout, tmp_path, "invoice.create", given, "--key", "w-48", "--json").stdout
        )
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert (told[0]["status"], told[0]["amount"], told[0]["currency"]) == ("done", "12.50", "USD")
    assert len(firm.book.invoices) == invoices + 1
    assert firm.book.invoices[told[0]["result_id"]]["customerId"] == firm.customer
    given["customer"]["id"] = "0cu-other"
    other = asked(tieout, tmp_path, "invoice.create", given, "--key", "w-48")
    assert (other.returncode, other.stdout) == (2, "")
    assert "already names another action" in other.stderr


def test_the_command_line_waits_for_a_second_person(
    firm: Firm, tieout: Shell, tmp_path: Path
) -> None:
    done = tieout("tenant", "set", "cascade", "--approve-over", "USD=50")
    assert "USD=50" in done.stdout
    given = {"id": firm.invoice}
    asked_for = asked(tieout, tmp_path, "invoice.archive", given, "--as", "ann@x.example")
    assert asked_for.returncode == 0
    assert "status: proposed" in asked_for.stdout
    of = ("--tenant", "cascade")
    own = tieout("outbox", "approve", "1", *of, "--as", "ann@x.example")
    assert (own.returncode, "proposed this yourself" in own.stderr) == (1, True)
    assert tieout("outbox", "approve", "1", *of, "--as", "bo@x.example").returncode == 0
    assert tieout("outbox", "dispatch").stdout == "Changed: cascade.\n"
    [row] = tieout.json("outbox", "list", *of)
    assert (row["status"], row["approved_by"], row["amount"]) == ("done", "bo@x.example", "100.00")
    over = tieout("outbox", "cancel", "1", *of)
    assert (over.returncode, "cannot be cancelled: it is done" in over.stderr) == (2, True)


@pytest.mark.parametrize(
    ("action", "given", "code", "told"),
    [
        ("invoice.delete", {}, 2, "There is no action"),
        ("invoice.archive", "{", 2, "not JSON"),
        ("invoice.archive", "[1]", 2, "no JSON object"),
        ("invoice.archive", {"id": "00e-none"}, 2, "no such invoice"),
        ("invoice.archive", {"id": 5}, 2, "Expected `str`"),
        ("payment.record", {"amount": 1}, 2, "missing required field"),
    ],
)
def test_bad_input_is_told_in_one_sentence(
    tieout: Shell, tmp_path: Path, action: str, given: Any, code: int, told: str
) -> None:
    said = asked(tieout, tmp_path, action, given)
    assert (said.returncode, said.stdout) == (code, "")
    assert told in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_refusal_of_bills_is_an_exit_status_and_the_reason(
    firm: Firm, tieout: Shell, tmp_path: Path
) -> None:
    taken = firm.book.invoices[firm.invoice]["invoiceNumber"]
    line = {"quantity": 1, "price": 1, "description": "x"}
    given = {
        "customer": {"id": firm.customer},
        "invoiceNumber": taken,
        "invoiceLineItems": [line],
    }
    said = asked(tieout, tmp_path, "invoice.create", given)
    assert said.returncode == 1
    assert "Receipt 1 is failed" in said.stderr
    assert "uplicate" in said.stderr
