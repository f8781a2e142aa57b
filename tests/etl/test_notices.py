"""Letters to customers: what was promised arrives, once, and not what is over."""

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from billcom.errors import UnreachableError
from billcom.sandbox.server import Sandbox
from dashboard.unsubscribing import unsubscribe_route
from etl.actions.facts import Customer
from etl.back_office import BackOffice
from etl.entry import Doorway
from etl.errors import UsageError
from etl.jobs.send_notices import plan_of, send_notices
from etl.notices.line import Line, Planned, Withheld
from etl.notices.links import links_of
from etl.notices.quiet import quiet_until
from etl.notices.words import worded
from etl.reading import Reader
from etl.store import letters, suppressions
from etl.store.access import Grant, command_line_grant
from etl.store.models import CustomerNote, Letter, NoticeRow, OutboxRow, Suppression, Tenant
from etl.store.tenants import find_tenant, prefer, remove_tenant
from tests.dashboard.world import World, copied_world, make_world, publish
from tests.etl.books import at, customer, golden, invoice, payment
from tests.etl.conftest import connected
from tests.etl.lived import lives
from tests.etl.mailbox import Mailbox, free_port, mail_server

# P2 of 300.00 for I4 came back on 12 April; nothing else of the book has happened since the day on.
SINCE = date(2025, 4, 12)
NOON = datetime(2025, 4, 13, 12, tzinfo=UTC)
CAMPAIGN_DAYS = """
    04-27 04-28 04-30 05-01 05-02 05-07 05-08 05-14 05-15 05-30 05-31 06-26 06-27 06-30 07-01 07-02
"""
LINK = "https://pay.example/i?a=1&b=2"


def linked(_office: BackOffice, _tenant: Tenant, planned: Planned) -> Mapping[str, str]:
    return {line.invoice_id: LINK for line in planned.lines if line.invoice_id}


@dataclass(slots=True)
class Desk:
    """Harbor, whose letters are on, at a moment; and the mail server."""

    world: World
    box: Mailbox
    port: int
    now: datetime = NOON

    @property
    def office(self) -> BackOffice:
        settings = replace(
            self.world.settings,
            smtp_url=f"smtp://localhost:{self.port}",
            smtp_from="Tieout <tieout@books.example>",
        )
        return replace(self.world.office, settings=settings, clock=lambda: self.now)

    def prefer(self, *kinds: str, since: date = SINCE, slug: str = "harbor", **more: Any) -> None:
        changes = {
            "notices": tuple((kind, since.isoformat()) for kind in kinds),
            "reply_to": "billing@harbor.example",
        }
        with self.office.store.begin() as session:
            prefer(session, slug, changes | more, at=self.now, actor="test")

    def send(self) -> dict[str, int]:
        return dict(send_notices(self.office, linked))

    def grant(self, slug: str = "harbor") -> Grant:
        with self.office.store.read() as session:
            return command_line_grant(find_tenant(session, slug))

    def letters(self) -> list[Letter]:
        with self.office.store.read() as session:
            return letters.listed(session, self.grant().tenant_id)

    def withheld(self) -> list[Withheld]:
        reader = Reader(self.office.settings, self.office.store)
        return list(plan_of(self.office, reader, self.grant()).withheld)

    def suppress(self, kind: str, value: str) -> None:
        with self.office.store.begin() as session:
            grant = self.grant()
            suppressions.suppress(session, grant, kind, value, reason="Asked to.", at=self.now)

    def suppressed(self) -> list[Suppression]:
        with self.office.store.read() as session:
            return suppressions.suppressed(session, self.grant().tenant_id)

    def act(self, action: str, customer_id: str, status: str = "done") -> int:
        """A row of the outbox; its id."""
        tenant_id = self.grant().tenant_id
        with self.office.store.begin() as session:
            receipt = session.scalar(select(func.count()).select_from(OutboxRow)) or 0
            row = OutboxRow(
                tenant_id=tenant_id,
                idempotency_key=f"{action}-{receipt}",
                action=action,
                receipt=receipt + 1,
                bill_id=customer_id,
                document="",
                input={},
                expected={},
                preview="",
                status=status,
                proposed_by="test",
                proposed_at=self.now,
                expires_at=self.now,
                finished_at=self.now if status == "done" else None,
            )
            session.add(row)
            session.flush()
            return row.id

    def promise(self, customer_id: str, on: date) -> None:
        note = CustomerNote(
            tenant_id=self.grant().tenant_id,
            outbox_id=self.act("customer.promise", customer_id),
            customer_id=customer_id,
            text="Friday",
            promised_on=on,
            noted_by="test",
            noted_at=self.now,
        )
        with self.office.store.begin() as session:
            session.add(note)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("notices") / "data")


@pytest.fixture
def desk(pristine: World, tmp_path: Path) -> Iterator[Desk]:
    world = copied_world(pristine, tmp_path / "data")
    with mail_server() as (box, port):
        yield Desk(world, box, port)
    world.office.store.engine.dispose()


def text(message: EmailMessage, form: str = "plain") -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content())


# --- What is told -----------------------------------------------------------------------------


def test_nobody_is_written_to_before_it_is_switched_on(desk: Desk) -> None:
    assert desk.send() == {}
    assert desk.letters() == []


def test_a_customer_is_told_of_a_payment_that_came_back_with_where_to_pay(desk: Desk) -> None:
    desk.prefer("failed_payment")
    assert desk.send() == {"sent": 1}
    ((recipients, message, _),) = desk.box.taken
    assert recipients == ["c4@carrier.example"]
    assert message["Subject"] == "Your payment to Harbor Freight did not go through"
    assert message["From"] == "Harbor Freight <tieout@books.example>"
    assert message["Reply-To"] == "billing@harbor.example"
    assert message["List-Unsubscribe"] == "<mailto:billing@harbor.example?subject=unsubscribe>"
    assert "Invoice I4: 300.00 USD (the payment failed on April 12, 2025)" in text(message)
    assert f"Pay here: {LINK}" in text(message)
    assert 'href="https://pay.example/i?a=1&amp;b=2"' in text(message, "html")
    assert '"unsubscribe" is enough' in text(message)


def test_what_came_back_before_it_was_switched_on_is_not_told(desk: Desk) -> None:
    desk.prefer("failed_payment", since=SINCE + timedelta(days=1))
    assert desk.send() == {}


def test_a_receipt_names_what_was_paid(desk: Desk) -> None:
    desk.now = datetime(2025, 7, 2, 12, tzinfo=UTC)
    desk.prefer("receipt", since=date(2025, 7, 1))
    assert desk.send() == {"sent": 1}
    (message,) = desk.box.messages
    assert message["To"] == "c3@carrier.example"
    assert "- 250.00 USD on July 2, 2025, applied to I6" in text(message)


def test_a_campaign_reminds_once_a_step_and_of_all_at_once(desk: Desk) -> None:
    desk.prefer("reminder", since=date(2025, 4, 20))
    came: list[tuple[str, str]] = []
    for day in CAMPAIGN_DAYS.split():
        desk.now = datetime.fromisoformat(f"2025-{day}T12:00:00+00:00")
        desk.send()
        came += ((f"{day} {one['To'][:2]}", one["Subject"]) for one in desk.box.messages)
        desk.box.taken.clear()
    # I1 is due on 1 May: three days before, one, seven, fourteen and thirty after; I2 on 30 June.
    assert [when for when, _ in came if when.endswith("c1")] == [
        "04-28 c1",
        "05-02 c1",
        "05-08 c1",
        "05-15 c1",
        "05-31 c1",
        "06-27 c1",
        "07-01 c1",
    ]
    assert [when for when, _ in came if when.endswith("c4")] == ["04-30 c4"]
    assert ("05-02 c1", "Harbor Freight: 1,000.00 USD past due") in came
    assert ("06-27 c1", "Harbor Freight: 500.00 USD due soon") in came


def test_two_invoices_of_a_customer_are_one_letter(desk: Desk) -> None:
    book = golden()
    book["invoices"].append(invoice("I9", "C1", "9.99", "2025-06-01", "2025-06-30"))
    desk.now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    publish(desk.office, "harbor", book)
    desk.prefer("reminder", since=date(2025, 7, 1))
    assert desk.send() == {"sent": 1}
    (message,) = desk.box.messages
    assert message["Subject"] == "Harbor Freight: 509.99 USD past due"
    assert "I2: 500.00 USD" in text(message)
    assert "I9: 9.99 USD, due on June 30, 2025 (1 day past due)" in text(message)


def test_who_hears_of_a_failure_is_reminded_the_next_day(desk: Desk) -> None:
    desk.now = datetime(2025, 4, 14, 12, tzinfo=UTC)
    desk.prefer("failed_payment", "reminder")
    desk.send()
    desk.send()
    assert [letter.kind for letter in desk.letters()] == ["failed_payment"]
    desk.now += timedelta(days=1)
    desk.send()
    assert [letter.kind for letter in desk.letters()] == ["reminder", "failed_payment"]


# --- Not told ---------------------------------------------------------------------------------


def test_a_campaign_stops_the_moment_a_payment_is_seen(desk: Desk) -> None:
    desk.now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    desk.prefer("reminder", since=date(2025, 7, 1))
    there, desk.port = desk.port, free_port()
    assert desk.send() == {"waiting": 1}
    book = golden()
    book["receivable_payments"].append(
        payment("P9", "C1", "500.00", "2025-07-01", {"I2": "500.00"})
    )
    paid = {"status": "PAID_IN_FULL", "dueAmount": Decimal("0.00"), "updatedTime": at("2025-07-01")}
    book["invoices"] = [one | paid if one["id"] == "I2" else one for one in book["invoices"]]
    publish(desk.office, "harbor", book)
    desk.port, desk.now = there, desk.now + timedelta(hours=1)
    assert desk.send() == {"dropped": 1}
    desk.now += timedelta(days=10)
    assert desk.send() == {}
    assert desk.box.taken == []
    assert desk.letters()[0].outcome == "What it was to tell is over."


def test_a_payment_under_way_is_waited_for(desk: Desk) -> None:
    book = golden()
    scheduled = {"status": "SCHEDULED", "createdTime": at("2025-06-29")}
    book["receivable_payments"].append(
        payment("P9", "C1", "500.00", "2025-07-03", {"I2": "500.00"}, **scheduled)
    )
    desk.now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    publish(desk.office, "harbor", book)
    desk.prefer("reminder", since=date(2025, 7, 1))
    assert desk.send() == {}


def test_a_promise_holds_reminders_back_until_it_is_broken(desk: Desk) -> None:
    desk.now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    desk.prefer("reminder", since=date(2025, 7, 1))
    desk.promise("C1", date(2025, 7, 3))
    assert desk.send() == {}
    (one,) = desk.withheld()
    assert (one.customer, one.reason) == (
        "Customer C1",
        "The customer promised to pay on 2025-07-03.",
    )
    desk.now += timedelta(days=3)
    assert desk.send() == {"sent": 1}


@pytest.mark.parametrize("status", ["queued", "done"])
def test_who_is_charged_from_here_is_not_asked_to_pay_again(desk: Desk, status: str) -> None:
    publish(desk.office, "harbor", golden())
    desk.prefer("failed_payment")
    desk.act("payment.charge", "C4", status)
    assert desk.send() == {}
    assert [one.reason for one in desk.withheld()] == [
        "A payment is on its way: receipt 1 of the outbox."
    ]


@pytest.mark.parametrize(
    ("kind", "value"), [("address", "C4@carrier.example"), ("customer", "C4"), ("invoice", "I4")]
)
def test_what_is_suppressed_is_not_told_and_is_once_that_ends(
    desk: Desk, kind: str, value: str
) -> None:
    desk.prefer("failed_payment")
    desk.suppress(kind, value)
    assert desk.send() == {}
    with desk.office.store.begin() as session:
        suppressions.end(session, desk.grant(), kind, value, at=desk.now)
    assert desk.send() == {"sent": 1}


@pytest.mark.parametrize("email", ["", "not an address", "a@b.example\r\nBcc: x@y.example"])
def test_a_customer_without_an_address_is_named(desk: Desk, email: str) -> None:
    book = golden()
    book["customers"][-1] = customer("C4", email=email, updatedTime=at("2025-08-01"))
    publish(desk.office, "harbor", book)
    desk.prefer("failed_payment")
    assert desk.send() == {}
    assert [one.reason for one in desk.withheld()] == [
        "BILL has no e-mail address of the customer."
    ]


def test_an_archived_customer_is_left_alone(desk: Desk) -> None:
    book = golden()
    book["customers"][-1] = customer("C4", archived=True, updatedTime=at("2025-08-01"))
    publish(desk.office, "harbor", book)
    desk.prefer("failed_payment")
    assert desk.send() == {}
    assert [one.reason for one in desk.withheld()] == ["The customer is archived in BILL."]


def test_switched_off_what_waits_is_dropped(desk: Desk) -> None:
    desk.prefer("failed_payment")
    there, desk.port = desk.port, free_port()
    desk.send()
    desk.prefer()
    desk.port, desk.now = there, desk.now + timedelta(hours=1)
    assert desk.send() == {"dropped": 1}
    assert desk.box.taken == []


def test_another_tenants_customers_are_left_alone(desk: Desk) -> None:
    desk.prefer("receipt", since=date(2025, 6, 15), slug="quay")
    desk.now = datetime(2025, 6, 15, 12, tzinfo=UTC)
    desk.send()
    assert [message["To"] for message in desk.box.messages] == ["q2@carrier.example"]
    assert desk.letters() == []


def test_at_night_nothing_leaves_and_nothing_is_lost(desk: Desk) -> None:
    desk.prefer("failed_payment")
    desk.now = NOON.replace(hour=21)
    assert desk.send() == {}
    desk.now = NOON.replace(hour=8) + timedelta(days=1)
    assert desk.send() == {"sent": 1}


def test_a_letter_that_waits_into_the_night_waits_for_morning(desk: Desk) -> None:
    desk.prefer("failed_payment")
    there, desk.port = desk.port, free_port()
    desk.now = NOON.replace(hour=19, minute=59)
    desk.send()
    desk.port, desk.now = there, desk.now + timedelta(minutes=10)
    assert desk.send() == {"waiting": 1}
    assert desk.letters()[0].not_before == NOON.replace(hour=8) + timedelta(days=1)


def test_of_an_old_book_nobody_is_told(desk: Desk) -> None:
    desk.prefer("failed_payment", "reminder", "receipt", since=date(2020, 1, 1))
    desk.now = datetime.now(UTC).replace(hour=12) + timedelta(days=2)
    assert desk.send() == {}


def test_quiet_hours_end_in_the_tenants_morning_also_where_clocks_change() -> None:
    night = datetime(
        2026, 3, 8, 5, tzinfo=UTC
    )  # 21:00 in Los Angeles, where clocks go forward at 2
    until = quiet_until((20, 8), night, "America/Los_Angeles")
    assert until is not None
    assert until.astimezone(UTC) == datetime(2026, 3, 8, 15, tzinfo=UTC)
    assert quiet_until((20, 8), datetime(2026, 3, 8, 20, tzinfo=UTC), "UTC") is not None
    assert quiet_until((20, 8), datetime(2026, 3, 8, 8, tzinfo=UTC), "UTC") is None
    assert quiet_until((0, 0), night, "UTC") is None


def visited(door: Doorway, method: str, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        way = httpx.ASGITransport(Starlette(routes=[unsubscribe_route(door)]))
        async with httpx.AsyncClient(transport=way, base_url="https://desk.example") as browser:
            return await browser.request(method, path)

    with ThreadPoolExecutor(1) as aside:  # a browser of other tests may have a loop of its own here
        return aside.submit(lambda: asyncio.run(ask())).result()


def test_by_its_link_a_letter_is_the_last(desk: Desk) -> None:
    desk.prefer("failed_payment", "reminder")
    settings = replace(desk.office.settings, public_url="https://desk.example")
    send_notices(replace(desk.office, settings=settings), linked)
    (message,) = desk.box.messages
    (link,) = re.findall(r"https://desk\.example(/unsubscribe/\S+)", text(message))
    assert re.match(
        r"<https://desk\.example/unsubscribe/\S+>, <mailto", message["List-Unsubscribe"]
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"List-Unsubscribe: <https://desk.example/unsubscribe/" in desk.box.raw[0]
    door = Doorway(settings, desk.office.store, desk.office.box, desk.office.clock)
    assert "No more letters?" in visited(door, "GET", link).text
    assert desk.suppressed() == []  # looking is not yet asking
    for wrong in (f"{link}x", f"/unsubscribe/{desk.office.box.seal('[1]')}"):
        assert visited(door, "POST", wrong).status_code == 404
    assert "Done" in visited(door, "POST", link).text
    assert [(row.value, row.reason) for row in desk.suppressed()] == [
        ("c4@carrier.example", "Unsubscribed.")
    ]
    desk.now += timedelta(days=2)
    assert desk.send() == {}


# --- Once -------------------------------------------------------------------------------------

KILLED = """
import os, sys
from dataclasses import replace
from datetime import datetime
from etl.back_office import open_back_office
from etl.jobs import posting, send_notices
from etl.settings import load_settings
from etl.store import letters
folder, port, when, where = sys.argv[1:]
if where == "before":
    posting.send = lambda *_, **__: os._exit(9)
else:
    letters.finish = lambda *_, **__: os._exit(9)
env = {"TIEOUT_DATA_DIR": folder, "TIEOUT_SMTP_URL": f"smtp://localhost:{port}",
       "TIEOUT_SMTP_FROM": "tieout@books.example"}
office = open_back_office(load_settings(env))
at = datetime.fromisoformat(when)
send_notices.send_notices(replace(office, clock=lambda: at), lambda *_: {})
"""


@pytest.mark.parametrize(
    ("where", "taken", "status"), [("before", 0, "sent"), ("after", 1, "unknown")]
)
def test_killed_between_the_row_and_the_answer_nothing_is_told_twice(
    desk: Desk, where: str, taken: int, status: str
) -> None:
    desk.prefer("failed_payment")
    folder = str(desk.world.settings.data_dir)
    arguments = [folder, str(desk.port), NOON.isoformat(), where]
    died = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
    assert died.returncode == 9
    assert len(desk.box.taken) == taken
    desk.send()
    desk.send()
    assert len(desk.box.taken) == 1
    (letter,) = desk.letters()
    assert letter.status == status


def test_two_at_once_tell_it_once(desk: Desk) -> None:
    desk.now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    desk.prefer("reminder", "receipt", since=date(2025, 6, 1))
    start = threading.Barrier(3)

    def run() -> None:
        start.wait()
        desk.send()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.send()
    told = [(message["To"], message["Subject"]) for message in desk.box.messages]
    assert len(told) == len(set(told)) == len(desk.letters()) >= 2


def test_what_the_server_may_have_taken_is_not_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.prefer("failed_payment")

    async def hang_up(server: Any, *_: Any) -> str:
        server.transport.abort()
        return "250 OK"

    monkeypatch.setattr(desk.box, "handle_DATA", hang_up)
    assert desk.send() == {"unknown": 1}
    monkeypatch.undo()
    desk.now += timedelta(hours=1)
    assert desk.send() == {}
    assert "may have taken it" in (desk.letters()[0].outcome or "")


def test_a_removed_tenant_takes_its_letters_along(desk: Desk) -> None:
    desk.prefer("failed_payment")
    desk.suppress("customer", "C1")
    desk.promise("C1", date(2025, 7, 3))
    desk.send()
    with desk.office.store.begin() as session:
        remove_tenant(session, find_tenant(session, "harbor"), at=desk.now, actor="test")
    with desk.office.store.read() as session:
        assert session.scalars(select(NoticeRow)).all() == []


# --- Words ------------------------------------------------------------------------------------

HOSTILE = "<b>Evil</b>\r\nBcc: all@x.example\n\n{{ 7 * 7 }} \N{RIGHT-TO-LEFT OVERRIDE}"


def test_names_that_others_chose_stay_text(desk: Desk) -> None:
    book = golden()
    book["customers"][-1] = customer("C4", name=HOSTILE, updatedTime=at("2025-08-01"))
    publish(desk.office, "harbor", book)
    desk.prefer("failed_payment")
    desk.send()
    (message,) = desk.box.messages
    assert message["Bcc"] is None
    assert "Hello <b>Evil</b> Bcc: all@x.example {{ 7 * 7 }}," in text(message)
    assert "<b>" not in text(message, "html")
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text(message) + text(message, "html")


def test_a_tenants_own_words_are_used(desk: Desk) -> None:
    own = desk.world.settings.data_dir / "templates" / "harbor"
    own.mkdir(parents=True)
    (own / "failed_payment.txt").write_text("Oh no\n\n{{ customer }}: {{ lines[0].amount }}")
    desk.prefer("failed_payment")
    desk.send()
    (message,) = desk.box.messages
    assert (message["Subject"], text(message).strip()) == ("Oh no", "Customer C4: 300.00 USD")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ lines.append(1) }}",
        "{{ nothing }}",
        "{% for",
        "{{ 1 / 0 }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include '../../secret.key' %}",
    ],
)
def test_a_template_reaches_nothing_but_what_it_is_given(tmp_path: Path, template: str) -> None:
    (tmp_path / "receipt.txt").write_text(template)
    facts = {"tenant": "T", "customer": "C", "lines": [], "totals": []}
    with pytest.raises(UsageError, match=r"The template receipt.txt in .* cannot be used"):
        worded("receipt", facts, tmp_path)


def test_a_broken_template_holds_the_letter_and_says_so(desk: Desk) -> None:
    own = desk.world.settings.data_dir / "templates" / "harbor"
    own.mkdir(parents=True)
    (own / "failed_payment.html").write_text("{{ wrong }}")
    desk.prefer("failed_payment")
    assert desk.send() == {"waiting": 1}
    assert "failed_payment.html" in (desk.letters()[0].outcome or "")
    (own / "failed_payment.html").unlink()
    desk.now += timedelta(hours=1)
    assert desk.send() == {"sent": 1}


# --- Where to pay -----------------------------------------------------------------------------


def planned(customer_id: str, *invoice_ids: str) -> Planned:
    lines = (
        Line(one, 1, customer_id, one, "USD", Decimal(1), SINCE, invoice_id=one)
        for one in invoice_ids
    )
    payer = Customer(customer_id, "Harlow", "USD", email="ap@h.example")
    return Planned("reminder", payer, tuple(lines))


def test_bill_makes_a_link_an_invoice_and_none_for_who_pays_there(
    office: BackOffice, seeded: Sandbox
) -> None:
    book = connected(office, seeded).book
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
    payer = str(book.create_customer({"name": "Harlow", "email": "ap@h.example"})["id"])
    line = {"quantity": 1, "price": "100.00", "description": "Dispatch"}
    bill = {"customer": {"id": payer}, "invoiceLineItems": [line]}
    one, two = (str(book.create_invoice(bill)["id"]) for _ in range(2))
    links = links_of(office, tenant, planned(payer, one, two))
    assert set(links) == {one, two}
    assert all(link.startswith("https://") for link in links.values())
    book.connect_customer(payer)
    assert links_of(office, tenant, planned(payer, one, two)) == {}


def test_while_bill_cannot_make_a_link_the_letter_waits_but_not_for_ever(desk: Desk) -> None:
    def down(*_: Any) -> Mapping[str, str]:
        raise UnreachableError("BILL cannot be reached.")

    desk.prefer("failed_payment")
    assert send_notices(desk.office, down) == {"waiting": 1}
    desk.now += timedelta(days=1, hours=1)
    assert send_notices(desk.office, down) == {"sent": 1}
    assert "Pay here" not in text(desk.box.messages[0])


@pytest.mark.both_databases
def test_from_bills_book_to_the_mailbox_and_no_further_once_it_is_paid(office: BackOffice) -> None:
    with lives(office, "2026-03-02T16:00", "cascade") as (life,), mail_server() as (box, port):
        smtp = {"smtp_url": f"smtp://localhost:{port}", "smtp_from": "tieout@books.example"}
        ours = replace(life.office, settings=replace(life.office.settings, **smtp))
        life.customer("Ann")
        life.invoice("A1", "Ann", "100.00", "2026-02-01", "2026-03-01")
        life.sync()
        changes = {"notices": (("reminder", "2026-03-01"),), "reply_to": "ar@cascade.example"}
        with ours.store.begin() as session:
            prefer(session, "cascade", changes, at=ours.clock(), actor="test")
        assert send_notices(ours) == {"sent": 1}
        assert "Pay here: https://pay.sandbox.example/" in text(box.messages[0])
        life.pay("P1", "Ann", "100.00", "2026-03-03", {"A1": "100.00"})
        life.at("2026-03-08T16:00")
        life.sync()
        assert send_notices(ours) == {}
