"""Channels beside mail: alerts and text messages arrive once, over a real service of HTTP."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from etl.__main__ import main
from etl.errors import UsageError
from etl.jobs.send_notices import plan_of, send_alerts, send_notices
from etl.mail.channel import checked_channel
from etl.mail.phone import dialled
from etl.notices.composing import Composer
from etl.notices.preview import preview_of
from etl.notices.ways import as_sms
from etl.reading import Reader
from etl.store import alerts, channels, letters, suppressions
from etl.store.access import Grant, command_line_grant
from etl.store.models import AuditEntry, Letter
from etl.store.tenants import find_tenant, prefer
from tests.dashboard.world import World, copied_world, make_world, publish
from tests.etl.books import at, golden, payment
from tests.etl.mailbox import free_port

SECRET = "tok-9f8e7d"
SINCE = date(2025, 7, 1)
NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)  # I2, of C1, fell due the day before


@dataclass
class Service:
    """What a service was sent, as path and body, and with which status it answers next."""

    port: int
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.taken.append((self.path, json.loads(body)))
            status = known.answers.pop(0) if known.answers else 200
            if status == 0:  # it took it, and its answer is lost
                self.connection.close()
                return
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Service(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Desk:
    """Harbor without mail, with a channel for alerts and one for text messages."""

    world: World
    service: Service
    now: datetime = NOON

    @property
    def office(self) -> Any:
        return replace(self.world.office, clock=lambda: self.now)

    def grant(self) -> Grant:
        with self.office.store.read() as session:
            return command_line_grant(find_tenant(session, "harbor"))

    def add(self, name: str, purpose: str, port: int | None = None) -> None:
        to = "/{phone}" if purpose == "sms" else ""
        url = f"json://user:{SECRET}@127.0.0.1:{port or self.service.port}/{SECRET}{to}"
        checked_channel(url, to_phones=purpose == "sms")
        with self.office.store.begin() as session:
            sealed = self.office.box.seal(url)
            channels.add(session, self.grant(), name, purpose, sealed, at=self.now)

    def alert(self, kind: str = "circuit_open") -> None:
        with self.office.store.begin() as session:
            tenant_id = find_tenant(session, "harbor").id
            alerts.raise_alert(session, tenant_id, kind, "BILL failed five times.", self.now)

    def texts(
        self, *what: str, since: date = SINCE, kinds: tuple[str, ...] = ("reminder",)
    ) -> None:
        day = since.isoformat()
        changes = {
            "notices": tuple((kind, day) for kind in kinds),
            "reply_to": "billing@harbor.example",
            "sms": tuple((one, day) for one in what),
        }
        with self.office.store.begin() as session:
            prefer(session, "harbor", changes, at=self.now, actor="test")

    def send(self) -> dict[str, int]:
        return dict(send_notices(self.office, lambda *_: {}))

    def letters(self) -> list[Letter]:
        with self.office.store.read() as session:
            return letters.listed(session, self.grant().tenant_id)

    def withheld(self) -> list[str]:
        reader = Reader(self.office.settings, self.office.store)
        return [one.reason for one in plan_of(self.office, reader, self.grant(), "phone").withheld]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = make_world(tmp_path_factory.mktemp("channels") / "data")
    publish(made.office, "harbor", book())
    return made


def book(phone: str = "(208) 555-0101") -> dict[str, Any]:
    changed = golden()
    changed["customers"] = [
        one | {"phone": phone, "updatedTime": at("2025-06-01")} if one["id"] == "C1" else one
        for one in changed["customers"]
    ]
    return changed


@pytest.fixture
def desk(pristine: World, tmp_path: Path) -> Iterator[Desk]:
    world = copied_world(pristine, tmp_path / "data")
    with service() as known:
        yield Desk(world, known)
    world.office.store.engine.dispose()


# --- Alerts -----------------------------------------------------------------------------------


def test_an_alert_goes_once_over_each_channel_without_any_mail_server(desk: Desk) -> None:
    desk.add("on-call", "alerts")
    desk.add("chat", "alerts")
    desk.alert()
    assert send_alerts(desk.office) == {"sent": 2}
    desk.now += timedelta(days=1)
    assert send_alerts(desk.office) == {}
    assert len(desk.service.taken) == 2
    path, body = desk.service.taken[0]
    assert path == f"/{SECRET}"
    assert body["title"] == "Tieout, Harbor Freight: BILL does not answer"
    assert "BILL failed five times." in body["message"]
    assert {(one.channel, one.status, one.outcome) for one in desk.letters()} == {
        ("on-call", "sent", "The channel on-call took it."),
        ("chat", "sent", "The channel chat took it."),
    }


@pytest.mark.parametrize(
    ("answer", "status", "taken"),
    [(503, "unknown", 1), (0, "unknown", 1), (403, "failed", 1), (429, "waiting", 2)],
)
def test_what_a_service_answers_is_the_outcome_and_what_it_may_have_taken_never_goes_again(
    desk: Desk, answer: int, status: str, taken: int
) -> None:
    desk.add("on-call", "alerts")
    desk.alert()
    desk.service.answers = [answer]
    assert send_alerts(desk.office) == {status: 1}
    desk.now += timedelta(hours=5)
    send_alerts(desk.office)
    assert len(desk.service.taken) == taken
    assert SECRET not in "".join(f"{one.outcome}{one.text}" for one in desk.letters())


def test_a_service_that_is_not_there_is_tried_again(desk: Desk) -> None:
    desk.add("on-call", "alerts", port=free_port())
    desk.alert()
    assert send_alerts(desk.office) == {"waiting": 1}
    assert desk.letters()[0].outcome == "The channel on-call cannot be reached: it is tried again."
    with desk.office.store.begin() as session:
        channels.remove(session, desk.grant(), "on-call", at=desk.now)
    desk.now += timedelta(hours=1)
    assert send_alerts(desk.office) == {"dropped": 1}
    assert desk.letters()[0].outcome == "The channel on-call was removed."


def test_an_address_is_in_no_log_no_trail_and_no_row(desk: Desk) -> None:
    heard = StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(heard)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        desk.add("on-call", "alerts")
        desk.add("off-call", "alerts", port=free_port())
        desk.alert()
        send_alerts(desk.office)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    with desk.office.store.read() as session:
        trail = session.scalars(select(AuditEntry)).all()
        kept = [one.sealed for one in channels.channels_of(session, desk.grant().tenant_id)]
    known = "".join([heard.getvalue(), *kept, *(f"{one.detail}" for one in trail)])
    assert "channel.added" in {one.what for one in trail}
    assert "off-call" in known
    assert SECRET not in known


# --- Text messages ----------------------------------------------------------------------------


def test_a_customer_gets_one_text_message_at_the_steps_that_say_so(desk: Desk) -> None:
    desk.add("phone", "sms")
    desk.texts("1")
    assert desk.send() == {"sent": 1}
    for _ in range(2):
        desk.now += timedelta(days=3)  # the step after seven days says nothing of it
        assert desk.send() == {}
    ((path, body),) = desk.service.taken
    assert path == f"/{SECRET}/12085550101"
    assert body["message"] == (
        "Harbor Freight: 500.00 USD past due (invoice I2, due on June 30, 2025). "
        "Paid already? Thank you. Questions: billing@harbor.example"
    )
    (letter,) = desk.letters()
    assert (letter.channel, letter.recipients) == ("phone", ["+12085550101"])


def test_a_preview_shows_the_text_message_word_by_word(desk: Desk) -> None:
    desk.add("phone", "sms")
    desk.texts("1")
    reader, grant = Reader(desk.office.settings, desk.office.store), desk.grant()
    plan = plan_of(desk.office, reader, grant, "phone")
    composer = Composer(desk.office.settings, desk.office.box, "harbor", {})
    (told,) = preview_of(composer, grant, [plan], NOON.date())["letters"]
    assert (told["channel"], told["to"], told["subject"]) == ("phone", "+12085550101", "")
    assert "Pay: (the address to pay at" in told["text"]


def test_none_goes_where_no_step_says_so_nor_without_a_channel(desk: Desk) -> None:
    desk.texts("1")
    assert desk.send() == {}
    desk.add("phone", "sms")
    desk.texts("7", "failed_payment")
    assert desk.send() == {}
    assert desk.service.taken == []


@pytest.mark.parametrize(
    ("phone", "suppressed", "why"),
    [
        ("", "", "BILL has no telephone number of the customer with a sure country."),
        ("555-0101", "", "BILL has no telephone number of the customer with a sure country."),
        ("+1 208-555-0101", "208.555.0101", "The telephone is suppressed: Asked to."),
    ],
)
def test_who_has_no_sure_number_or_wants_none_gets_none_and_is_named(
    desk: Desk, phone: str, suppressed: str, why: str
) -> None:
    publish(desk.world.office, "harbor", book(phone))
    desk.add("phone", "sms")
    desk.texts("1")
    if suppressed:
        with desk.office.store.begin() as session:
            suppressions.suppress(
                session, desk.grant(), "phone", suppressed, reason="Asked to.", at=desk.now
            )
    assert desk.send() == {}
    assert desk.withheld() == [why]
    assert desk.service.taken == []


def test_a_text_message_waits_for_the_morning_and_is_dropped_once_it_is_paid(desk: Desk) -> None:
    desk.add("phone", "sms")
    desk.texts("1")
    desk.service.answers = [429]
    assert desk.send() == {"waiting": 1}
    desk.now = desk.now.replace(hour=21)
    assert desk.send() == {"waiting": 1}
    paid = book()
    paid["receivable_payments"].append(
        payment("P9", "C1", "500.00", "2025-07-01", {"I2": "500.00"})
    )
    known = {
        "status": "PAID_IN_FULL",
        "dueAmount": Decimal("0.00"),
        "updatedTime": at("2025-07-01"),
    }
    paid["invoices"] = [one | known if one["id"] == "I2" else one for one in paid["invoices"]]
    publish(desk.world.office, "harbor", paid)
    desk.now += timedelta(hours=12)
    assert desk.send() == {"dropped": 1}
    assert len(desk.service.taken) == 1  # the one that the service put off


def test_of_two_that_run_at_once_one_sends_it(desk: Desk) -> None:
    desk.add("phone", "sms")
    desk.texts("1")
    threads = [threading.Thread(target=desk.send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.service.taken) == 1


# --- What is given ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("(208) 555-0101", "+12085550101"),
        ("1-208-555-0101", "+12085550101"),
        ("+49 30 123456", "+4930123456"),
        ("208 555 0101 x12", None),
        ("0101 555 208", None),
        ("208-155-0101", None),
        ("555-0101", None),
        ("+1", None),
        ("", None),
        ("٢٠٨٥٥٥٠١٠١", None),
    ],
)
def test_only_a_number_whose_country_is_sure_is_rung(said: str, number: str | None) -> None:
    assert dialled(said) == number


@pytest.mark.parametrize(
    ("url", "to_phones", "why"),
    [
        ("json://hooks.example/x", False, "does not go out encrypted"),
        ("jsons://hooks.example/x?verify=no", False, "does not go out encrypted"),
        ("syslog://", False, "does not go out encrypted"),
        ("jsons://hooks.example/x?retry=3", False, "one place alone, and no retry"),
        ("nonsense://x", False, "no address that Apprise knows"),
        ("", False, "no address that Apprise knows"),
        ("jsons://hooks.example/{phone}", False, "without {phone}"),
        ("jsons://hooks.example/x", True, "has {phone} once"),
    ],
)
def test_an_address_that_must_not_be_used_is_refused(url: str, to_phones: bool, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_channel(url, to_phones=to_phones)
    assert why in str(refused.value)


def test_a_good_address_is_taken() -> None:
    checked_channel("jsons://hooks.example/x", to_phones=False)
    sid, token = f"AC{'a' * 32}", "b" * 32
    checked_channel(f"twilio://{sid}:{token}@12085550199/{{phone}}", to_phones=True)


def test_what_goes_by_text_message_is_a_kind_or_a_step() -> None:
    assert as_sms("7, failed_payment,7", (1, 7)) == ("7", "failed_payment")
    assert as_sms("", (1, 7)) == ()
    with pytest.raises(UsageError, match="“14” cannot go by text message"):
        as_sms("14", (1, 7))


def test_the_command_keeps_tries_lists_and_removes_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(desk.world.settings.data_dir))

    def tieout(*arguments: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", StringIO(given))
        code = main(["notices", *arguments, "--tenant", "harbor"])
        said = capsys.readouterr()
        return code, said.out + said.err

    url = f"json://127.0.0.1:{desk.service.port}/{SECRET}/{{phone}}"
    assert tieout("on", "--reply-to", "a@b.example", "--sms", "7")[1].count("no channel") == 1
    assert tieout("channel", "add", "phone", "--for", "sms", given=f"{url}\n")[0] == 0
    code, said = tieout("channel", "add", "other", "--for", "sms", given=f"{url}\n")
    assert (code, "one channel: remove the other first" in said) == (2, True)
    assert "Say where" in tieout("channel", "test", "phone")[1]
    assert tieout("channel", "test", "phone", "--phone", "208-555-0101")[0] == 0
    assert [path for path, _ in desk.service.taken] == [f"/{SECRET}/12085550101"]
    assert "7 by text message" in tieout("on", "--reply-to", "a@b.example", "--sms", "7")[1]
    listed = tieout("channel", "list")[1]
    assert ("phone" in listed, SECRET in listed) == (True, False)
    assert tieout("channel", "remove", "phone")[0] == 0
    assert "no channel phone" in tieout("channel", "remove", "phone")[1]
