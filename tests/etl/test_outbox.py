"""Acting on invoices through the outbox, carried out in the sandbox's book."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billcom.sandbox.server import Sandbox, running_sandbox
from etl.back_office import BackOffice, Shared
from etl.desk import Desk, Outcome
from etl.errors import NotAllowedError, UnknownTenantError, UsageError
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.sync_tenant import sync_tenant
from etl.metrics.figures import Question
from etl.store import audit, users
from etl.store.models import AuditEntry, OutboxRow
from etl.store.tenants import enable_writes, find_tenant
from tests.billcom.scripted import LOGIN, Asked, Reply, Scripted, serving
from tests.etl.conftest import connected
from tests.worlds import written_world

PASSWORD = "alice-in-the-tests"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(written_world()) as running:
        yield running


def given(invoice_id: str, to: str = "") -> dict[str, Any]:
    return {"id": invoice_id} | ({"recipient": {"to": [to]}} if to else {})


class People:
    """Alice may act at Cascade, Bob may only look, Charlie belongs nowhere near it."""

    def __init__(self, office: BackOffice) -> None:
        self.desk = Desk(office.settings, office.store)
        with office.store.begin() as session:
            tenant = find_tenant(session, "cascade")
            for email, role in (("alice@x.example", "operator"), ("bob@x.example", "viewer")):
                users.add_membership(
                    session,
                    email,
                    tenant,
                    role,
                    password=PASSWORD,
                    at=office.clock(),
                    actor="test",
                )
        self.alice = self._id(office, "alice@x.example")
        self.bob = self._id(office, "bob@x.example")
        self.charlie = 9_999

    def _id(self, office: BackOffice, email: str) -> int:
        with office.store.read() as session:
            user = users.find_user(session, email)
            assert user
            return user.id

    def open_invoices(self) -> list[str]:
        seq = self.desk.published(self.alice, "cascade").seq
        today = self.desk.today(self.alice, "cascade")
        found = self.desk.figures(
            self.alice, "cascade", "open_items", Question(as_of=today), seq
        ).records()
        return [str(row["invoice_id"]) for row in found]

    def propose(self, action: str, invoice_id: str, key: str, to: str = "") -> Outcome:
        return self.desk.propose(self.alice, "cascade", action, given(invoice_id, to), key)

    def outcome(self) -> Outcome:
        return self.desk.outbox(self.alice, "cascade")[0]


@pytest.fixture
def people(office: BackOffice, sandbox: Sandbox) -> People:
    connected(office, sandbox)
    sync_tenant(office, "cascade")
    return People(office)


def test_an_archive_is_carried_out_and_shown_after_the_next_sync(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    invoice_id = people.open_invoices()[0]
    proposed = people.propose("invoice.archive", invoice_id, "key-1")
    assert proposed.status == "queued"
    assert dispatch_outbox(office) == ["cascade"]
    assert people.outcome().status == "done"
    assert sandbox.world.tenants[0].book.invoices[invoice_id]["archived"] is True
    sync_tenant(office, "cascade")
    assert invoice_id not in people.open_invoices()


@pytest.mark.both_databases
def test_an_email_is_sent_to_the_confirmed_address_once(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    book = sandbox.world.tenants[0].book
    sent_before = len(book.emails)
    invoice_id = people.open_invoices()[1]
    for _ in range(3):
        people.propose("invoice.email", invoice_id, "key-1", "ap@harlow.example")
    for _ in range(3):
        dispatch_outbox(office)
    assert [email.invoice_id for email in book.emails[sent_before:]] == [invoice_id]
    assert list(book.emails[-1].recipients) == ["ap@harlow.example"]


@pytest.mark.both_databases
def test_the_same_key_for_another_effect_is_refused(people: People) -> None:
    first, second = people.open_invoices()[:2]
    people.propose("invoice.archive", first, "key-1")
    with pytest.raises(UsageError, match="names another action"):
        people.propose("invoice.archive", second, "key-1")


def test_an_invoice_that_changed_since_is_refused_with_the_reason(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    book = sandbox.world.tenants[0].book
    paid, archived = people.open_invoices()[2:4]
    people.propose("invoice.archive", paid, "key-1")
    people.propose("invoice.email", archived, "key-2", "ap@harlow.example")
    invoice = book.invoices[paid]
    book.record_payment(
        {
            "customerId": invoice["customerId"],
            "paymentDate": datetime.now(UTC).date().isoformat(),
            "paymentType": "CHECK",
            "amount": "1.00",
            "invoices": [{"id": paid, "amount": "1.00"}],
        }
    )
    book.archive_invoice(archived)
    emails = len(book.emails)
    dispatch_outbox(office)
    by_document = {o.bill_id: o for o in people.desk.outbox(people.alice, "cascade")}
    assert by_document[paid].status == "refused"
    assert "changed from" in str(by_document[paid].said)
    assert by_document[archived].status == "refused"
    assert "archived already" in str(by_document[archived].said)
    assert book.invoices[paid]["archived"] is False
    assert len(book.emails) == emails


def test_nothing_is_written_to_production_before_somebody_allows_it(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    with office.store.begin() as session:
        find_tenant(session, "cascade").environment = "production"
    invoice_id = people.open_invoices()[16]
    people.propose("invoice.archive", invoice_id, "key-1")
    dispatch_outbox(office)
    assert people.outcome().status == "failed"
    assert "tieout tenant allow-writes cascade" in str(people.outcome().said)
    writes = [call for call in sandbox.calls if call.path.endswith(f"{invoice_id}/archive")]
    assert writes == []
    with office.store.begin() as session:
        enable_writes(session, "cascade", at=office.clock(), actor="test")
    people.propose("invoice.archive", invoice_id, "key-2")
    dispatch_outbox(office)
    assert people.outcome().status == "done"
    assert sandbox.world.tenants[0].book.invoices[invoice_id]["archived"] is True
    with office.store.read() as session:
        said = session.scalars(select(AuditEntry.what)).all()
    assert said.count("writes.enabled") == 1


@pytest.mark.both_databases
def test_while_bill_cannot_be_reached_the_action_waits_and_then_happens(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    invoice_id = people.open_invoices()[4]
    people.propose("invoice.archive", invoice_id, "key-1")
    with office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        address, tenant.base_url = tenant.base_url, "http://127.0.0.1:9/connect"
    now = [datetime.now(UTC)]
    later = replace(office, clock=lambda: now[0], sleep=lambda _s: None)
    dispatch_outbox(later)
    assert people.outcome().status == "queued"
    assert "cannot be reached" in str(people.outcome().said)
    with office.store.begin() as session:
        find_tenant(session, "cascade").base_url = address
    dispatch_outbox(later)
    assert people.outcome().status == "queued"
    now[0] += timedelta(minutes=6)
    dispatch_outbox(later)
    assert people.outcome().status == "done"
    assert sandbox.world.tenants[0].book.invoices[invoice_id]["archived"] is True


@pytest.mark.both_databases
def test_two_dispatchers_racing_send_each_email_once(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    book = sandbox.world.tenants[0].book
    before = len(book.emails)
    wanted = people.open_invoices()[5:13]
    for number, invoice_id in enumerate(wanted):
        people.propose("invoice.email", invoice_id, f"key-{number}", "ap@harlow.example")
    threads = [threading.Thread(target=dispatch_outbox, args=(office,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(email.invoice_id for email in book.emails[before:]) == sorted(wanted)


class Unreliable(Scripted):
    """Carries every POST out and answers it with `lost`; reads are answered, or with `looks`."""

    def __init__(self, record: dict[str, Any], lost: Reply, *looks: Reply) -> None:
        super().__init__(LOGIN)
        self.record = record
        self.lost = lost
        self.looks = list(looks)
        self.posts = 0

    def reply_to(self, asked: Asked) -> Reply:
        if asked.path.endswith("/login"):
            return LOGIN
        if asked.method == "POST":
            self.posts += 1
            if asked.path.endswith("/archive"):
                self.record["archived"] = True
            return self.lost
        if self.posts and self.looks:
            return self.looks.pop(0)
        return Reply(body=self.record)


CUT = Reply(cut=True)
PAGE = Reply(200, "<html>OK</html>")


@pytest.mark.parametrize(
    ("lost", "looks"),
    [
        (CUT, ()),
        (CUT, (Reply(503),) * 5),
        (CUT, (PAGE,)),
        (PAGE, ()),
        (Reply(408), ()),
        (Reply(502, "<html>bad gateway</html>"), ()),
    ],
)
@pytest.mark.parametrize("action", ["invoice.archive", "invoice.email"])
def test_a_lost_answer_is_settled_by_looking_and_never_by_sending_again(
    action: str,
    lost: Reply,
    looks: tuple[Reply, ...],
    office: BackOffice,
    sandbox: Sandbox,
    people: People,
) -> None:
    invoice_id = people.open_invoices()[13]
    record = sandbox.world.tenants[0].book.invoices[invoice_id]
    facts: dict[str, Any] = {
        name: str(record[name]) for name in ("id", "dueAmount", "scheduledAmount")
    } | {"archived": False}
    to = "ap@harlow.example" if action == "invoice.email" else ""
    people.propose(action, invoice_id, "key-1", to)
    now = [datetime.now(UTC)]
    later = replace(office, clock=lambda: now[0], sleep=lambda _s: None, shared=Shared())
    with serving(Unreliable(facts, lost, *looks)) as script:
        with office.store.begin() as session:
            find_tenant(session, "cascade").base_url = script.base_url
        for _ in range(4):
            dispatch_outbox(later)
            now[0] += timedelta(minutes=10)
    assert script.posts == 1
    settled = "done" if action == "invoice.archive" and PAGE not in looks else "unknown"
    assert people.outcome().status == settled


@pytest.mark.both_databases
def test_a_dispatcher_that_died_after_sending_is_settled_by_looking(
    office: BackOffice, sandbox: Sandbox, people: People
) -> None:
    book = sandbox.world.tenants[0].book
    emailed, archived = people.open_invoices()[14:16]
    people.propose("invoice.email", emailed, "key-1", "ap@harlow.example")
    people.propose("invoice.archive", archived, "key-2")
    with office.store.begin() as session:
        for row in session.scalars(select(OutboxRow)):
            row.status, row.is_sent = "dispatching", True
            row.owner, row.attempts = "elsewhere:1:gone", 1
            row.lease_expires_at = datetime.now(UTC) - timedelta(seconds=1)
    book.archive_invoice(archived)
    emails = len(book.emails)
    dispatch_outbox(office)
    statuses = {o.bill_id: o.status for o in people.desk.outbox(people.alice, "cascade")}
    assert statuses == {emailed: "unknown", archived: "done"}
    assert len(book.emails) == emails


def test_a_viewer_may_not_act_and_a_stranger_hears_of_nothing(people: People) -> None:
    desk, it = people.desk, ("cascade", "invoice.archive", given(people.open_invoices()[0]))
    with pytest.raises(NotAllowedError, match="viewer"):
        desk.preview(people.bob, *it)
    with pytest.raises(NotAllowedError):
        desk.propose(people.bob, *it, "key-b")
    for call in (
        lambda: desk.preview(people.charlie, *it),
        lambda: desk.propose(people.charlie, *it, "key-c"),
        lambda: desk.approve(people.charlie, "cascade", 1),
        lambda: desk.cancel(people.charlie, "cascade", 1),
        lambda: desk.outcome(people.charlie, "cascade", 1),
        lambda: desk.timeline(people.charlie, "cascade", "0cu1", date(2026, 1, 1), 1),
        lambda: desk.published(people.charlie, "cascade"),
        lambda: desk.outbox(people.charlie, "cascade"),
        lambda: desk.last_run(people.charlie, "cascade"),
    ):
        with pytest.raises(UnknownTenantError):
            call()
    assert desk.outbox(people.bob, "cascade") == []


NO_ADDRESSES = (
    "-",
    "nobody",
    "a@b@c",
    "a@b, c@d",
    "a@b\nBcc: c@d",
    "<a@b.example>",
    "a@b",
    "a@x..com",
    "a@-x.com",
    "mailto:a@x.com",
)


def test_an_address_that_is_none_proposes_nothing(people: People) -> None:
    for address in NO_ADDRESSES:
        with pytest.raises(UsageError, match="nothing was proposed"):
            people.propose("invoice.email", people.open_invoices()[0], "key-1", address)
    assert people.desk.outbox(people.alice, "cascade") == []


@pytest.mark.both_databases
def test_the_audit_trail_tells_who_proposed_and_what_came_of_it(
    office: BackOffice, people: People
) -> None:
    people.propose("invoice.archive", people.open_invoices()[0], "key-1")
    dispatch_outbox(office)
    with office.store.begin() as session:
        entries = list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
        told = [(entry.actor, entry.what) for entry in entries][-2:]
        assert told == [
            ("alice@x.example", "invoice.archive_proposed"),
            ("tieout", "invoice.archive_done"),
        ]
        assert audit.first_break(session) is None
        entries[1].detail = {"email": "somebody@else.example"}
        session.flush()
        assert audit.first_break(session) == entries[1].id
