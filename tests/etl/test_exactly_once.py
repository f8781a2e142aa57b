"""A thousand actions of all kinds under kills, lost answers and edits: done once, or not at all.

Two processes carry them out at the same time; each is killed again and again.
"""

import base64
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from billcom.sandbox import recurring
from billcom.sandbox.book import Book
from billcom.sandbox.clock import system_clock
from billcom.sandbox.errors import ApiError
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from etl.acting import proposing
from etl.actions.catalogue import ACTIONS
from etl.actions.facts import (
    Customer,
    Invoice,
    Recurring,
    customer_from,
    invoice_from,
    recurring_from,
)
from etl.back_office import BackOffice
from etl.store import audit, outbox
from etl.store.access import command_line_grant
from etl.store.models import AuditEntry, OutboxRow
from etl.store.tenants import find_tenant
from tests.etl.conftest import connected

QUIET_S = 3
# TIEOUT_PROOF_ACTIONS=1 makes it the whole of 1,060 actions, which takes two minutes.
WHOLE = float(os.environ.get("TIEOUT_PROOF_ACTIONS", "0.15"))
MISHAPS = (
    Fault("lost_answer", method="POST", rate=0.03),
    Fault("reset", rate=0.02),
    Fault("status", status=500, rate=0.02, when="after"),
    Fault("status", status=503, rate=0.02),
    Fault("html", status=502, rate=0.01, when="after"),
    Fault("truncated", rate=0.01, when="after"),
    Fault("expired_session", rate=0.005),
    Fault("concurrency_limit", rate=0.02),
)
ADDRESS = {"line1": "1 Dock Road", "city": "Reno", "zipOrPostalCode": "89501", "country": "US"}
LINE = {"quantity": 1, "price": "100.00", "description": "Dispatch"}


class Told:
    """The sandbox's own book, told as facts: proposing a thousand costs no call."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def invoice(self, invoice_id: str) -> Invoice | None:
        record = self._book.invoices.get(invoice_id)
        return invoice_from(record) if record else None

    def customer(self, customer_id: str) -> Customer | None:
        record = self._book.customers.get(customer_id)
        known = customer_from(record, "USD") if record else None
        return replace(known, accounts=None) if known else None

    def recurring(self, recurring_id: str) -> Recurring | None:
        record = self._book.recurring_invoices.get(recurring_id)
        return recurring_from(record) if record else None

    def charging(self, invoice_id: str) -> None:  # noqa: ARG002
        return


class Work:
    """What is to be done: a fresh record for each action, so that each can be counted."""

    def __init__(self, book: Book, scale: float) -> None:
        self._book = book
        self._scale = scale
        self.payer = self._customer("Payer")
        self.account = book.add_bank_account(self.payer)
        memo = {"customerId": self.payer, "referenceNumber": "CREDIT", "creditDate": "2026-11-01"}
        lines = [{"description": "x", "price": "1000000.00", "quantity": 1}]
        book.create_credit_memo({**memo, "creditMemoLineItems": lines})

    def _customer(self, name: str, *, archived: bool = False) -> str:
        known = {"name": name, "email": "ap@x.example", "billingAddress": ADDRESS}
        made = str(self._book.create_customer(known)["id"])
        if archived:
            self._book.archive_customer(made)
        return made

    def _invoice(self, *, archived: bool = False) -> str:
        given = {"customer": {"id": self.payer}, "invoiceLineItems": [LINE]}
        made = str(self._book.create_invoice(given)["id"])
        if archived:
            self._book.archive_invoice(made)
        return made

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        kinds = {
            "customer.create": (150, lambda n: {"name": f"New {n}", "email": "ap@x.example"}),
            "customer.update": (60, lambda n: {"id": self._customer(f"U{n}"), "phone": f"5{n}"}),
            "customer.archive": (40, lambda n: {"id": self._customer(f"A{n}")}),
            "customer.restore": (40, lambda n: {"id": self._customer(f"R{n}", archived=True)}),
            "invoice.create": (150, self._billed),
            "invoice.update": (80, lambda _: {"id": self._invoice(), "dueDate": "2027-03-01"}),
            "invoice.email": (90, self._mailed),
            "invoice.archive": (90, lambda _: {"id": self._invoice()}),
            "invoice.restore": (40, lambda _: {"id": self._invoice(archived=True)}),
            "recurring.create": (40, self._recurring),
            "recurring.update": (20, lambda _: {"id": self._template(), "sendEmail": True}),
            "recurring.pause": (20, lambda _: {"id": self._template()}),
            "recurring.resume": (20, lambda _: {"id": self._template(archived=True)}),
            "payment.record": (110, self._received),
            "payment.charge": (60, self._charged),
            "invoice.payment_link": (20, self._linked),
            "credit_memo.create": (60, self._credited),
            "credit_memo.apply": (40, lambda _: {"id": self._invoice(), "creditAmount": "30.00"}),
            "attachment.add": (30, self._attached),
            "customer.note": (10, lambda n: {"customerId": self.payer, "text": f"note {n}"}),
            "customer.promise": (10, self._promised),
        }
        assert set(kinds) == set(ACTIONS)
        found = [
            (name, make(number))
            for name, (count, make) in kinds.items()
            for number in range(max(2, round(count * self._scale)))
        ]
        random.Random(11).shuffle(found)
        return found

    def _billed(self, _n: int) -> dict[str, Any]:
        return {"customer": {"id": self.payer}, "invoiceLineItems": [LINE]}

    def _recurring(self, _n: int) -> dict[str, Any]:
        schedule = {"period": "MONTHLY", "frequency": 1, "nextDueDate": "2099-01-31"}
        lines = {"recurringInvoiceLineItems": [LINE], "description": "retainer"}
        return {"customerId": self.payer, "schedule": schedule, **lines}

    def _template(self, *, archived: bool = False) -> str:
        made = str(self._book.create_recurring_invoice(self._recurring(0))["id"])
        if archived:
            self._book.do(recurring.set_archived, made, archived=True)
        return made

    def _linked(self, _n: int) -> dict[str, Any]:
        return {"id": self._invoice(), "customerId": self.payer, "email": "ap@x.example"}

    def _mailed(self, _n: int) -> dict[str, Any]:
        return {"id": self._invoice(), "recipient": {"to": ["ap@x.example"]}}

    def _received(self, _n: int) -> dict[str, Any]:
        return {
            "customerId": self.payer,
            "paymentDate": "2026-11-20",
            "paymentType": "CHECK",
            "amount": "40.00",
            "invoices": [{"id": self._invoice(), "amount": "40.00"}],
            "description": "weekly",
        }

    def _charged(self, _n: int) -> dict[str, Any]:
        return {
            "customerId": self.payer,
            "fundingAccount": {"id": self.account, "type": "BANK_ACCOUNT"},
            "invoicePayments": [{"invoiceId": self._invoice(), "amount": "100.00"}],
        }

    def _credited(self, n: int) -> dict[str, Any]:
        return {
            "customerId": self.payer,
            "referenceNumber": f"CM-{n}",
            "creditDate": "2026-11-20",
            "creditMemoLineItems": [{"description": "x", "price": "5.00", "quantity": 1}],
        }

    def _attached(self, n: int) -> dict[str, Any]:
        content = base64.b64encode(f"file {n}".encode()).decode()
        return {"invoiceId": self._invoice(), "name": f"pod-{n}.txt", "content": content}

    def _promised(self, _n: int) -> dict[str, Any]:
        return {"customerId": self.payer, "promisedOn": "2026-12-01", "amount": "5.00"}


@contextmanager
def two_back_offices(office: BackOffice) -> Iterator["Crowd"]:
    crowd = Crowd(office)
    try:
        yield crowd
    finally:
        crowd.end()


class Crowd:
    """Two processes that dispatch, one of them killed and started anew at random moments."""

    def __init__(self, office: BackOffice) -> None:
        settings = office.settings
        self._environment = os.environ | {
            "TIEOUT_DATA_DIR": str(settings.data_dir),
            "TIEOUT_DATABASE_URL": settings.database_url,
            "TIEOUT_HOURLY_BUDGET": "1000000",
            "TIEOUT_KEY_HOURLY_BUDGET": "1000000",
        }
        self._running = [self._start(), self._start()]
        self.kills = 0

    def _start(self) -> subprocess.Popen[bytes]:
        child = Path(__file__).with_name("dispatching_child.py")
        return subprocess.Popen(
            [sys.executable, str(child), str(QUIET_S)],
            env=self._environment | {"PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill_one(self) -> None:
        which = self.kills % 2
        self._running[which].send_signal(signal.SIGKILL)
        self._running[which].wait()
        self._running[which] = self._start()
        self.kills += 1

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


def left(office: BackOffice) -> int:
    with office.store.read() as session:
        still = select(func.count(OutboxRow.id)).where(OutboxRow.status.in_(outbox.OPEN))
        return session.scalar(still) or 0


def newest_queued(office: BackOffice) -> list[OutboxRow]:
    with office.store.read() as session:
        queued = select(OutboxRow).where(OutboxRow.status == "queued")
        return list(session.scalars(queued.order_by(OutboxRow.id.desc()).limit(30)))


def edit(book: Book, rows: list[OutboxRow]) -> None:
    """Somebody at BILL's own pages pays a part of what rows are about."""
    for row in [row for row in rows if row.action.startswith("invoice.") and row.bill_id][:3]:
        payment = {
            "customerId": book.invoices[row.bill_id]["customerId"],
            "paymentDate": "2026-11-20",
            "paymentType": "CASH",
            "amount": "1.00",
            "invoices": [{"id": row.bill_id, "amount": "1.00"}],
            "description": "edited",
        }
        with suppress(ApiError):  # it may be archived meanwhile
            book.record_payment(payment)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("database_url", "scale"), [("sqlite", WHOLE), ("postgresql", 0.1)], indirect=["database_url"]
)
def test_each_effect_is_there_once_or_not_at_all_with_its_reason(
    office: BackOffice, scale: float
) -> None:
    world = World([empty_tenant("cascade", "Cascade Dispatch", system_clock)], system_clock)
    with running_sandbox(world, faults=Faults(seed=7)) as sandbox:
        connected(office, sandbox)
        book = sandbox.world.tenants[0].book
        work = Work(book, scale).all()
        assert scale < 1 or len(work) >= 1000
        before = State(book)
        propose_all(office, book, work)
        kills = carry_out(office, sandbox, book)
        prove(office, book, before, len(work))
        assert kills >= (10 if scale == 1 else 2)


def propose_all(office: BackOffice, book: Book, work: list[tuple[str, dict[str, Any]]]) -> None:
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, "cascade"))
    told = Told(book)
    for number, (name, given) in enumerate(work):
        effect = proposing.wanted(name, given, f"key-{number}")
        proposing.propose(office.store, grant, told, effect, at=office.clock())


def carry_out(office: BackOffice, sandbox: Sandbox, book: Book) -> int:
    chance = random.Random(5)
    for fault in MISHAPS:
        sandbox.faults.add(fault)
    edit(book, newest_queued(office))
    with two_back_offices(office) as crowd:
        while left(office):
            time.sleep(chance.uniform(1, 7))
            crowd.kill_one()
            edit(book, newest_queued(office))
    fired = sum(active.fired for active in sandbox.faults.list())
    sandbox.faults.clear()
    assert fired > 20
    return crowd.kills


class State:
    """What a book holds that actions add to, by id."""

    def __init__(self, book: Book) -> None:
        self.made = {
            "customer.create": set(book.customers),
            "invoice.create": set(book.invoices),
            "payment.record": {i for i, p in book.payments.items() if not p["onlinePayment"]},
            "payment.charge": {i for i, p in book.payments.items() if p["onlinePayment"]},
            "credit_memo.create": set(book.credit_memos),
            "recurring.create": set(book.recurring_invoices),
        }
        self.emails = Counter(email.invoice_id for email in book.emails)


def prove(office: BackOffice, book: Book, before: State, count: int) -> None:
    after = State(book)
    with office.store.read() as session:
        rows = list(session.scalars(select(OutboxRow)))
        entries = list(session.scalars(select(AuditEntry)))
        assert audit.first_break(session) is None
    assert len(rows) == count
    assert all(row.outcome for row in rows)
    kinds = Counter((row.action, row.status) for row in rows)
    assert kinds.keys() <= {
        (name, status) for name in ACTIONS for status in ("done", "refused", "unknown")
    }, kinds
    assert {name for name, status in kinds if status == "unknown"} <= TRACELESS
    assert {status for _name, status in kinds} >= {"done", "refused"}
    agree_on_records(rows, before, after, book)
    agree_on_states(rows, after, book)
    agree_on_audit(rows, entries)


TRACELESS = {"invoice.email", "attachment.add"}


def agree_on_records(rows: list[OutboxRow], before: State, after: State, book: Book) -> None:
    """Every record that came is one action's, and every such action's is one record."""
    for name in before.made:
        came = after.made[name] - before.made[name]
        came = {i for i in came if book.payments.get(i, {}).get("description") != "edited"}
        ours = [row.result_id for row in rows if row.action == name and row.status == "done"]
        assert len(ours) == len(set(ours)), name
        assert came == set(ours), name


def agree_on_states(rows: list[OutboxRow], after: State, book: Book) -> None:
    shelves = {
        "invoice": book.invoices,
        "customer": book.customers,
        "recurring": book.recurring_invoices,
    }
    for row in rows:
        is_done = row.status == "done"
        resource, verb = row.action.split(".")
        if verb in {"archive", "restore", "pause", "resume"}:
            wanted = (verb in {"archive", "pause"}) == is_done
            assert shelves[resource][row.bill_id]["archived"] is wanted
        match row.action:
            case "recurring.update":
                changed = book.recurring_invoices[row.bill_id].get("sendEmail", False)
                assert changed is is_done
            case "invoice.update":
                assert (book.invoices[row.bill_id]["dueDate"] == "2027-03-01") is is_done
            case "customer.update":
                assert (book.customers[row.bill_id].get("phone") == row.input["phone"]) is is_done
            case "credit_memo.apply":
                applied = str(book.invoices[row.bill_id]["creditAmount"])
                assert applied == ("30.00" if is_done else "0.00")
            case "invoice.email":
                sent = after.emails[row.bill_id]
                assert sent in ({0, 1} if row.status == "unknown" else {int(is_done)})


def agree_on_audit(rows: list[OutboxRow], entries: list[AuditEntry]) -> None:
    told = Counter(
        (entry.detail["outbox_id"], entry.what) for entry in entries if "outbox_id" in entry.detail
    )
    wanted = Counter(
        (row.id, f"{row.action}_{what}") for row in rows for what in ("proposed", row.status)
    )
    assert told == wanted
