"""Alerts as letters to administrators: once an alert, with what to do, on both databases."""

import multiprocessing
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.jobs.send_notices import send_alerts
from etl.notices.alerts import ADVICE, COOL_DOWN
from etl.settings import load_settings
from etl.store import alerts, letters, runs, tenants
from etl.store.models import Letter, Membership, Run, Tenant, User
from etl.watch import watch
from tests.etl.mailbox import Mailbox, free_port, mail_server

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PEOPLE = (("ada@x.example", "admin"), ("abe@x.example", "admin"), ("olga@x.example", "operator"))


class House:
    """A back office with a tenant and its people, at a moment, and a mail server."""

    def __init__(self, office: BackOffice, box: Mailbox, port: int) -> None:
        self.box = box
        self.port = port
        self._office = office
        self.now = NOW
        self.tenant = self._add_tenant()

    def _add_tenant(self) -> Tenant:
        keys = Credentials("008cascade", "desk@x.example", "not-a-key", "not-a-password")
        new = tenants.NewTenant(
            "cascade", "Cascade <Dispatch>", resolve("sandbox"), keys, "UTC", "USD"
        )
        with self._office.store.begin() as session:
            tenant = tenants.add_tenant(session, self._office.box, new, at=NOW, actor="test")
            for email, role in PEOPLE:  # who never sign in need no password, which takes a while
                person = User(email=email, password_hash="", created_at=NOW)
                person.memberships.append(Membership(tenant_id=tenant.id, role=role))
                session.add(person)
            return tenant

    @property
    def office(self) -> BackOffice:
        settings = replace(
            self._office.settings,
            smtp_url=f"smtp://localhost:{self.port}",
            smtp_from="Tieout <tieout@books.example>",
        )
        return replace(self._office, settings=settings, clock=lambda: self.now)

    def alert(self, kind: str = "circuit_open", sentence: str = "BILL failed five times.") -> None:
        with self._office.store.begin() as session:
            alerts.raise_alert(session, self.tenant.id, kind, sentence, self.now)

    def over(self, kind: str = "circuit_open") -> None:
        with self._office.store.begin() as session:
            alerts.clear(session, self.tenant.id, kind, self.now)

    def open_kinds(self) -> list[str]:
        with self._office.store.read() as session:
            return [alert.kind for alert in alerts.open_alerts(session)]

    def letters(self) -> list[Letter]:
        with self._office.store.read() as session:
            return letters.listed(session, self.tenant.id)


@pytest.fixture
def house(office: BackOffice) -> Iterator[House]:
    with mail_server() as (box, port):
        yield House(office, box, port)


def body(message: EmailMessage, form: str) -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content())


def test_an_alert_goes_once_to_every_administrator_and_says_what_to_do(house: House) -> None:
    house.alert()
    assert send_alerts(house.office) == {"sent": 1}
    house.now += timedelta(days=1)
    assert send_alerts(house.office) == {}
    ((recipients, message, _),) = house.box.taken
    assert recipients == ["abe@x.example", "ada@x.example"]
    assert message["Subject"] == "Tieout, Cascade <Dispatch>: BILL does not answer"
    for part in ("BILL failed five times.", "look at BILL's status page", "/operations"):
        assert part in body(message, "plain")
    assert "Cascade &lt;Dispatch&gt;" in body(message, "html")
    (letter,) = house.letters()
    assert (letter.status, letter.subject) == ("sent", message["Subject"])


def test_one_that_comes_and_goes_is_told_again_only_after_a_while(house: House) -> None:
    for _ in range(4):
        house.alert()
        send_alerts(house.office)
        house.over()
        house.now += timedelta(minutes=20)
    assert len(house.box.taken) == 1
    house.alert()
    house.now += COOL_DOWN
    send_alerts(house.office)
    assert len(house.box.taken) == 2


def test_another_kind_is_told_at_once(house: House) -> None:
    house.alert()
    send_alerts(house.office)
    house.alert("tie_out", "cascade does not tie out.")
    assert send_alerts(house.office) == {"sent": 1}


def test_one_that_is_over_before_the_server_is_back_is_not_told(house: House) -> None:
    there, house.port = house.port, free_port()
    house.alert()
    assert send_alerts(house.office) == {"waiting": 1}
    (letter,) = house.letters()
    assert "The mail server did not take it" in (letter.outcome or "")
    house.over()
    house.port, house.now = there, house.now + timedelta(hours=1)
    assert send_alerts(house.office) == {"dropped": 1}
    assert house.box.taken == []


def test_without_a_mail_server_nothing_is_written(house: House) -> None:
    house.alert()
    office = replace(house.office, settings=replace(house.office.settings, smtp_url=None))
    assert send_alerts(office) == {}
    assert house.letters() == []


def test_what_a_server_refuses_for_good_ends_and_what_it_may_take_later_waits(house: House) -> None:
    house.box.answers = ["554 5.7.1 no", "451 4.7.1 later"]
    house.alert()
    house.alert("tie_out", "cascade does not tie out.")
    assert send_alerts(house.office) == {"failed": 1, "waiting": 1}
    house.now += timedelta(minutes=2)
    assert send_alerts(house.office) == {"sent": 1}


def _send(data_dir: str, url: str, port: int) -> None:
    env = {
        "TIEOUT_DATA_DIR": data_dir,
        "TIEOUT_DATABASE_URL": url,
        "TIEOUT_SMTP_URL": f"smtp://localhost:{port}",
        "TIEOUT_SMTP_FROM": "tieout@books.example",
    }
    send_alerts(replace(open_back_office(load_settings(env)), clock=lambda: NOW))


def test_two_processes_at_once_tell_it_once(house: House, database_url: str) -> None:
    for number in range(6):
        house.alert(f"zero_rows:{number}", "BILL listed none.")
    data_dir = str(house.office.settings.data_dir)
    context = multiprocessing.get_context("spawn")
    both = [
        context.Process(target=_send, args=(data_dir, database_url, house.port)) for _ in range(2)
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    send_alerts(house.office)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(house.box.taken) == 6
    assert {letter.status for letter in house.letters()} == {"sent"}


def test_what_nobody_else_notices_is_raised_and_ends(house: House) -> None:
    house.now += timedelta(days=1)
    watch(house.office)
    assert house.open_kinds() == ["sync_late"]
    run_id = runs.start(house.office.store, house.tenant, trigger="test", at=house.now)
    with house.office.store.begin() as session:
        run = session.get_one(Run, run_id)
        runs.finish(run, at=house.now, error="Refused.", error_kind="AuthenticationError")
    watch(house.office)
    assert house.open_kinds() == ["sync_late", "sync_failed"]
    with house.office.store.begin() as session:
        session.get_one(Run, run_id).error_kind = "ServerError"  # passes by itself
    watch(house.office)
    assert house.open_kinds() == ["sync_late"]


def test_every_kind_of_alert_is_worded_and_in_the_runbook() -> None:
    root = Path(__file__).parents[2]
    runbook = (root / "docs" / "runbook.md").read_text()
    for kind in ADVICE:
        assert re.search(rf"\*{kind}(_N|:…)?\*", runbook), kind
