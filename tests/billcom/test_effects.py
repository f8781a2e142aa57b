"""A thousand writes through a broken network: nothing twice, nothing lost."""

import itertools
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billcom.client import Client, Surroundings
from billcom.effects import Outcome, carry_out
from billcom.environment import resolve
from billcom.errors import (
    AuthenticationError,
    BusinessError,
    ConfigurationError,
    ValidationError,
)
from billcom.resources import BANK_ACCOUNTS, CREDIT_MEMOS, CUSTOMERS, INVOICES, RECEIVABLE_PAYMENTS
from billcom.sandbox.book import Book
from billcom.sandbox.clock import system_clock
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World, empty_tenant
from billcom.session import Credentials
from billcom.throttle import LocalThrottle
from billcom.traces import Effect, look_for
from billcom.transport import Patience
from tests.billcom.scripted import Reply, Scripted, serving

QUIET = timedelta(seconds=4)  # far longer than any answer of this sandbox is held back
MISHAPS = (
    Fault("lost_answer", rate=0.03),
    Fault("reset", rate=0.03),
    Fault("status", status=500, rate=0.02, when="after"),
    Fault("status", status=503, rate=0.02),
    Fault("html", status=502, rate=0.01, when="after"),
    Fault("truncated", rate=0.01, when="after"),
    Fault("slow", delay_s=0.8, rate=0.02),
    Fault("slow", delay_s=0.8, rate=0.02, when="after"),
    Fault("expired_session", rate=0.01),
    Fault("concurrency_limit", rate=0.02),
)


@contextmanager
def broken_bill() -> Iterator[tuple[Sandbox, Client]]:
    world = World([empty_tenant("cascade", "Cascade Dispatch", system_clock)], system_clock)
    with running_sandbox(world, faults=Faults(seed=11)) as sandbox:
        known = world.tenants[0].credentials
        with Client(
            resolve("sandbox", sandbox.base_url),
            Credentials(known.organization_id, known.username, known.developer_key, known.password),
            LocalThrottle(1_000_000, lambda: datetime.now(UTC)),
            Surroundings(patience=Patience(read_s=0.4, whole_s=5)),
        ) as client:
            yield sandbox, client


def invoice_body(customer: str, number: str) -> dict[str, object]:
    line = {"quantity": 1, "price": Decimal("100.00"), "description": "Dispatch"}
    return {"customer": {"id": customer}, "invoiceNumber": number, "invoiceLineItems": [line]}


def a_thousand(customer: str, invoices: list[str]) -> Iterator[Effect]:
    for n in range(300):
        body = {"name": f"Carrier {n}", "email": "ap@x.example", "accountNumber": f"A-{n}"}
        yield Effect(CUSTOMERS, "create", {}, body)
        yield Effect(INVOICES, "create", {}, invoice_body(customer, f"N-{n}"))
    for n in range(200):
        payment = {
            "customerId": customer,
            "paymentDate": "2026-11-20",
            "paymentType": "CHECK",
            "amount": Decimal("1.00"),
            "invoices": [{"id": invoices[n], "amount": Decimal("1.00")}],
            "description": f"P-{n}",
        }
        yield Effect(INVOICES, "record_payment", {}, payment)
    for n in range(100):
        memo = {
            "customerId": customer,
            "referenceNumber": f"C-{n}",
            "creditDate": "2026-11-20",
            "creditMemoLineItems": [{"quantity": 1, "price": Decimal("5.00"), "description": "x"}],
        }
        yield Effect(CREDIT_MEMOS, "create", {}, memo)
        yield Effect(INVOICES, "archive", {"id": invoices[200 + n]})


def marks(book: Book) -> Counter[str]:
    return Counter(
        [
            *(str(r.get("accountNumber")) for r in book.customers.values()),
            *(str(r["invoiceNumber"]) for r in book.invoices.values()),
            *(str(r.get("description")) for r in book.payments.values()),
            *(str(r["referenceNumber"]) for r in book.credit_memos.values()),
        ]
    )


def test_a_thousand_writes_under_faults_are_neither_doubled_nor_lost() -> None:
    with broken_bill() as (sandbox, client):
        book = sandbox.world.tenants[0].book
        customer = book.create_customer({"name": "Harlow", "email": "ap@harlow.example"})["id"]
        invoices = [
            book.create_invoice(invoice_body(customer, f"base-{n}"))["id"] for n in range(300)
        ]
        effects = list(a_thousand(customer, invoices))
        client.sign_in()
        for fault in MISHAPS:
            sandbox.faults.add(fault)
        with ThreadPoolExecutor(24) as crowd:
            outcomes = list(crowd.map(lambda e: carry_out(client, e, quiet=QUIET), effects))
        fired = sum(active.fired for active in sandbox.faults.list())
        sandbox.faults.clear()
        assert len(effects) == 1000
        assert fired > 100
        assert [o.unknown for o in outcomes if o.unknown] == []
        assert any(outcome.sends > 1 for outcome in outcomes)
        seen = marks(book)
        expected = [
            str(e.body[next(f for f in MARKS if f in e.body)])
            for e in effects
            if e.body is not None
        ]
        assert {mark: seen[mark] for mark in expected} == dict.fromkeys(expected, 1)
        assert all(book.invoices[bill_id]["archived"] for bill_id in invoices[200:])
        for bill_id in invoices[:200]:
            assert Decimal(str(book.invoices[bill_id]["dueAmount"])) == Decimal("99.00")


MARKS = ("accountNumber", "invoiceNumber", "referenceNumber", "description")


class Time:
    """A clock that moves by being slept on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def tried(script: Scripted, effect: Effect) -> Outcome:
    time = Time()
    around = Surroundings(clock=time, sleep=time.sleep, chance=lambda: 0.5)
    credentials = Credentials("008org", "desk@x.example", "not-a-key", "not-a-password")
    with (
        serving(script),
        Client(
            resolve("sandbox", script.base_url), credentials, LocalThrottle(1000, time), around
        ) as client,
    ):
        return carry_out(client, effect, clock=time, sleep=time.sleep)


CREATE = Effect(INVOICES, "create", {}, {"customer": {"id": "0cu1"}, "invoiceNumber": "N-1"})
NONE = Reply(body={"results": []})
FOUND = Reply(body={"results": [{"id": "00e1", "invoiceNumber": "N-1"}]})


class Looking(Scripted):
    """Loses the answers to writes; shows what it is told of its book, look by look."""

    def __init__(self, write: Reply, *looks: Reply) -> None:
        super().__init__(write)
        self.looks = itertools.chain(looks, itertools.repeat(looks[-1]))
        self.writes = 0

    def reply_to(self, asked):  # type: ignore[no-untyped-def]
        if asked.path.endswith("/login"):
            return self.login
        if asked.method == "GET":
            return next(self.looks)
        self.writes += 1
        return self.replies[0]


def test_what_shows_in_the_book_is_not_sent_again() -> None:
    script = Looking(Reply(cut=True), NONE, NONE, FOUND)
    outcome = tried(script, CREATE)
    assert (outcome.record, outcome.sends, script.writes) == (
        {"id": "00e1", "invoiceNumber": "N-1"},
        1,
        1,
    )


def test_what_never_shows_is_handed_over_as_unknown_with_what_is_known() -> None:
    script = Looking(Reply(500), NONE)
    outcome = tried(script, CREATE)
    assert outcome.unknown == "It was sent 5 times, and BILL's book shows none."
    assert script.writes == 5


def test_an_effect_that_leaves_no_trace_is_sent_once_only() -> None:
    script = Looking(Reply(cut=True), NONE)
    effect = Effect(INVOICES, "email", {"id": "00e1"}, {"recipient": {"to": ["a@x.example"]}})
    outcome = tried(script, effect)
    assert outcome.unknown is not None
    assert outcome.unknown.endswith("BILL's book does not tell.")
    assert script.writes == 1


def test_a_book_that_cannot_be_read_leaves_it_unknown() -> None:
    script = Looking(Reply(cut=True), Reply(403, {"message": "Forbidden"}))
    outcome = tried(script, CREATE)
    assert outcome.unknown is not None
    assert outcome.unknown.startswith("It was sent, and BILL's book cannot be read: BILL does not")


def test_a_refusal_is_told_as_it_came() -> None:
    refused = Reply(422, [{"code": None, "message": "Duplicate invoice number for 00e9."}])
    with pytest.raises(BusinessError, match="Duplicate invoice number"):
        tried(Looking(refused, NONE), CREATE)


def test_a_mark_that_is_missing_is_no_trace() -> None:
    unmarked = Effect(RECEIVABLE_PAYMENTS, "charge", {}, {"customerId": "0cu1"})
    with pytest.raises(ValidationError, match="leaves no trace"):
        look_for(None, unmarked, datetime(2026, 11, 23, tzinfo=UTC))  # type: ignore[arg-type]


UPDATE = Effect(
    CUSTOMERS,
    "update",
    {"id": "0cu1"},
    {"phone": "1", "contact": {"firstName": "A"}, "tags": ["x"]},
)
UPDATED = {"id": "0cu1", "phone": "1", "contact": {"firstName": "A", "last": "B"}, "tags": ["x"]}


@pytest.mark.parametrize(
    ("effect", "before", "after"),
    [
        (UPDATE, {**UPDATED, "contact": {}}, UPDATED),
        (UPDATE, {**UPDATED, "tags": []}, UPDATED),
        (Effect(INVOICES, "archive", {"id": "00e1"}), {"archived": False}, {"archived": True}),
        (Effect(INVOICES, "restore", {"id": "00e1"}), {"archived": True}, {"archived": False}),
    ],
)
def test_a_change_shows_in_the_record_itself(
    effect: Effect, before: dict[str, object], after: dict[str, object]
) -> None:
    script = Looking(Reply(cut=True), Reply(body=before), Reply(body=after))
    outcome = tried(script, effect)
    assert (outcome.record, script.writes) == (after, 1)


def test_a_record_that_is_gone_was_not_changed() -> None:
    script = Looking(Reply(cut=True), Reply(404, [{"message": "No such customer."}]))
    assert tried(script, UPDATE).unknown is not None


def test_a_mark_that_bill_cannot_filter_by_is_found_by_reading() -> None:
    quoted = Effect(INVOICES, "create", {}, {"invoiceNumber": 'N "1"'})
    found = Reply(body={"results": [{"id": "a"}, {"id": "00e1", "invoiceNumber": 'N "1"'}]})
    outcome = tried(Looking(Reply(cut=True), found), quoted)
    assert outcome.record == {"id": "00e1", "invoiceNumber": 'N "1"'}


def test_what_keeps_an_effect_from_going_out_is_waited_out() -> None:
    busy = Reply(429, headers={"retry-after": "45"})
    made = Reply(201, {"id": "00e1"})
    script = Scripted(busy, made)
    assert tried(script, CREATE) == Outcome({"id": "00e1"}, 1)


def test_a_session_that_others_keep_ending_is_renewed_a_few_times_only() -> None:
    ended = Reply(401, [{"code": "BDC_1109", "message": "Session is invalid.  Please log in."}])
    script = Scripted(ended)
    with pytest.raises(AuthenticationError):
        tried(script, CREATE)
    assert len(script.asked) == 8


def test_a_key_that_is_refused_is_not_waited_for() -> None:
    refused = Reply(401, [{"code": "BDC_1102", "message": "Developer key is invalid."}])
    script = Scripted(NONE, login=refused)
    with pytest.raises(ConfigurationError):
        tried(script, CREATE)
    assert script.logins == 1


def test_what_was_there_before_or_is_anothers_is_not_taken_for_ours() -> None:
    old = {"id": "a", "invoiceNumber": "N-1", "createdTime": "2025-01-01T00:00:00.000+00:00"}
    anothers = {"id": "b", "invoiceNumber": "N-1", "customerId": "0cu9"}
    ours = {
        "id": "c",
        "invoiceNumber": "N-1",
        "customerId": "0cu1",
        "createdTime": "2026-11-23T10:00:00.000+00:00",
    }
    first = Reply(body={"results": [old, anothers]})
    outcome = tried(Looking(Reply(cut=True), first, Reply(body={"results": [old, ours]})), CREATE)
    assert outcome.record == ours


class SlowToShow(Scripted):
    """Is limited at first; then loses the answer and shows the effect a minute after it came."""

    def __init__(self, time: Time) -> None:
        super().__init__(NONE)
        self.time = time
        self.sent_at: list[datetime] = []

    def reply_to(self, asked):  # type: ignore[no-untyped-def]
        if asked.path.endswith("/login"):
            return self.login
        if asked.method == "GET":
            is_there = self.sent_at and self.time.now >= self.sent_at[0] + timedelta(minutes=1)
            return FOUND if is_there else NONE
        if not self.sent_at and self.time.now.minute < 10:
            return Reply(429, headers={"retry-after": "600"})
        self.sent_at.append(self.time.now)
        return Reply(cut=True)


def test_quiet_is_counted_from_the_lost_answer_however_long_it_was_put_off_before() -> None:
    time = Time()
    script = SlowToShow(time)
    around = Surroundings(clock=time, sleep=time.sleep, chance=lambda: 0.5)
    credentials = Credentials("008org", "desk@x.example", "not-a-key", "not-a-password")
    with (
        serving(script),
        Client(
            resolve("sandbox", script.base_url), credentials, LocalThrottle(1000, time), around
        ) as client,
    ):
        outcome = carry_out(client, CREATE, clock=time, sleep=time.sleep)
    assert outcome.record is not None
    assert len(script.sent_at) == 1


@pytest.mark.parametrize(
    "effect",
    [
        Effect(BANK_ACCOUNTS, "archive", {"customer_id": "0cu1", "id": "cba1"}),
        Effect(INVOICES, "update", {"id": "00e1"}, {"customer": {"id": "0cu1"}}),
    ],
)
def test_what_cannot_be_read_back_is_said_to_leave_no_trace(effect: Effect) -> None:
    script = Looking(Reply(cut=True), NONE)
    assert tried(script, effect).unknown is not None
    assert script.writes == 1


def test_an_amount_sent_as_a_text_is_known_again_as_a_number() -> None:
    effect = Effect(INVOICES, "update", {"id": "00e1"}, {"creditAmount": "5.00"})
    script = Looking(Reply(cut=True), Reply(body={"id": "00e1", "creditAmount": 5}))
    assert tried(script, effect).record == {"id": "00e1", "creditAmount": 5}
