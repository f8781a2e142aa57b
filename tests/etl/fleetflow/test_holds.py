"""The hold list: who is on it, and told by a signed webhook until it is taken, and no further."""

import base64
import csv
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from etl.__main__ import main
from etl.back_office import BackOffice
from etl.billing.hold_rule import HoldRule
from etl.errors import UsageError
from etl.fleetflow.webhook import read_key, signature
from etl.jobs.tend_fleetflow import tend_fleetflow
from etl.store import fleet_events, hold_overrides
from etl.store.alerts import open_alerts
from etl.store.hold_overrides import Said
from etl.store.models import AuditEntry, FleetEvent
from etl.store.tenants import prefer
from tests.dashboard.world import World, publish
from tests.etl.books import golden, invoice
from tests.etl.fleetflow.side import AUGUST, INVOICES, URL, Command, cut_after, grant_of, link

KEY = b"a key of thirty-two whole bytes!"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
HOLD = """
[hold]
unpaid = 3
days_late = 120
watch_days_late = 60
"""


class Receiver:
    """FleetFlow's side of a webhook: what it was told, and what it answers, in this order."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.told.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks"

    def customers(self, at: int = -1) -> dict[str, str]:
        named = json.loads(self.told[at][1])["data"]["customers"]
        return {one["customer_id"]: one["standing"] for one in named}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def linked(world: World, receiver: Receiver) -> World:
    mapping = f'{HOLD}webhook = "{receiver.url}"\nsecret_from = "FLEETFLOW_WEBHOOK_SECRET"\n'
    link(world.office, "harbor", mapping, webhook=SECRET)
    return world


def at(world: World, moment: datetime) -> BackOffice:
    return replace(world.office, clock=lambda: moment)


def newest(world: World) -> FleetEvent | None:
    with world.office.store.read() as session:
        return fleet_events.newest(session, grant_of(world.office, "harbor").tenant_id)


def alerts(world: World) -> list[str]:
    with world.office.store.read() as session:
        return [alert.kind for alert in open_alerts(session)]


@pytest.mark.parametrize(
    ("unpaid", "days", "standing", "reason"),
    [
        (0, 0, "clear", ""),
        (2, 59, "clear", ""),
        (1, 60, "watch", "60 days late, 60 or more"),
        (3, 1, "hold", "3 unpaid, 3 or more"),
        (4, 121, "hold", "4 unpaid, 3 or more; 121 days late, 120 or more"),
    ],
)
def test_the_rule_holds_watches_or_clears_and_says_why(
    unpaid: int, days: int, standing: str, reason: str
) -> None:
    assert HoldRule(3, 120, None, 60).judge(unpaid, days) == (standing, reason)


def test_the_published_example_of_the_standard_is_met() -> None:
    key = base64.b64decode("plJ3nmyCDGBKInavdOK15jsl")
    when = datetime.fromtimestamp(1731705121, UTC)
    body = '{"event_type":"ping","data":{"success":true}}'
    assert signature(key, "msg_loFOjxBNrRLzqYUf", when, body) == (
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
    )


@pytest.mark.parametrize("text", ["", SECRET.removeprefix("whsec_"), "whsec_c2hvcnQ=", "whsec_!!"])
def test_a_key_that_is_none_is_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match="FLEETFLOW_X must read whsec_") as refused:
        read_key("FLEETFLOW_X", text)
    assert not text or text not in str(refused.value)


def test_it_is_told_once_signed_and_again_when_somebodys_standing_changes(
    linked: World, receiver: Receiver
) -> None:
    tend_fleetflow(linked.office)
    [(headers, body)] = receiver.told
    assert receiver.customers() == {"C1": "watch", "C2": "watch", "C4": "hold"}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    proof = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert int(headers["webhook-timestamp"]) == int(AUGUST.timestamp())
    assert json.loads(body)["type"] == "hold_list.changed"
    tend_fleetflow(at(linked, AUGUST + timedelta(days=1)))  # later, but not otherwise
    assert len(receiver.told) == 1
    book = golden()
    book["invoices"] += [
        invoice(f"N{n}", "C1", "10.00", "2025-07-01", "2025-07-15") for n in range(2)
    ]
    publish(linked.office, "harbor", book)
    tend_fleetflow(at(linked, AUGUST + timedelta(days=1)))
    assert receiver.customers() == {"C1": "hold", "C2": "watch", "C4": "hold"}
    assert receiver.told[0][0]["webhook-id"] != receiver.told[1][0]["webhook-id"]


def test_refused_it_is_the_same_bytes_again_after_growing_pauses_and_one_alert(
    linked: World, receiver: Receiver
) -> None:
    receiver.answers = [500, 302, 429]
    moments = [0, 4, 5, 60, 66, 120, 370]  # seconds: too early ones send nothing
    for seconds in moments:
        tend_fleetflow(at(linked, AUGUST + timedelta(seconds=seconds)))
        if len(receiver.told) < 4:
            assert alerts(linked) == ["fleetflow_webhook"]
    assert len(receiver.told) == 4
    assert len({(headers["webhook-id"], body) for headers, body in receiver.told}) == 1
    assert len({headers["webhook-signature"] for headers, _ in receiver.told}) == 4
    event = newest(linked)
    assert event
    assert (event.status, event.attempts, alerts(linked)) == ("delivered", 4, [])


def test_killed_before_it_is_written_down_it_is_told_again_under_the_same_id(
    linked: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = fleet_events.deliver
    monkeypatch.setattr(fleet_events, "deliver", cut_after(deliver, 0))
    tend_fleetflow(linked.office)
    monkeypatch.setattr(fleet_events, "deliver", deliver)
    for hours in (1, 2, 3):
        tend_fleetflow(at(linked, AUGUST + timedelta(hours=hours)))
    assert len(receiver.told) == 2
    assert receiver.told[0][0]["webhook-id"] == receiver.told[1][0]["webhook-id"]


def test_a_newer_list_takes_the_place_of_one_that_was_not_taken(
    linked: World, receiver: Receiver
) -> None:
    receiver.answers = [503]
    tend_fleetflow(linked.office)
    book = golden()
    book["invoices"][3] |= {"dueAmount": 0, "updatedTime": "2025-07-30T12:00:00.000+00:00"}
    book["invoices"] = [one for one in book["invoices"] if one["id"] != "I4"]
    book["invoices"].append(invoice("N1", "C3", "10.00", "2025-02-01", "2025-02-15"))
    publish(linked.office, "harbor", book)
    tend_fleetflow(linked.office)
    assert len(receiver.told) == 2
    assert receiver.customers()["C3"] == "hold"
    tend_fleetflow(at(linked, AUGUST + timedelta(hours=1)))
    assert len(receiver.told) == 2


def test_gone_is_gone_until_there_is_something_new(linked: World, receiver: Receiver) -> None:
    receiver.answers = [410]
    tend_fleetflow(linked.office)
    tend_fleetflow(at(linked, AUGUST + timedelta(hours=7)))
    event = newest(linked)
    assert event
    assert (len(receiver.told), event.status, alerts(linked)) == (
        1,
        "refused",
        ["fleetflow_webhook"],
    )


def test_a_database_that_is_down_keeps_no_webhook_waiting(
    world: World, receiver: Receiver, tmp_path: Path
) -> None:
    mapping = (
        f'{URL}{INVOICES}{HOLD}webhook = "{receiver.url}"\n'
        'secret_from = "FLEETFLOW_WEBHOOK_SECRET"\n'
    )
    gone = f"sqlite:///{tmp_path / 'gone.db'}"
    link(world.office, "harbor", mapping, url=gone, webhook=SECRET)
    receiver.answers = [500]
    for seconds in (0, 6, 12):
        tend_fleetflow(at(world, AUGUST + timedelta(seconds=seconds)))
    assert len(receiver.told) == 2
    assert alerts(world) == ["fleetflow"]


def test_the_command_line_shows_writes_and_tells(
    linked: World, receiver: Receiver, tmp_path: Path, command: Command
) -> None:
    tieout = command(linked)
    day = ("--as-of", "2025-08-01")
    told = json.loads(tieout("hold-list", *day, "--json")[1])
    assert [(one["customer_id"], one["standing"]) for one in told["customers"]] == [
        ("C4", "hold"),
        ("C1", "watch"),
        ("C2", "watch"),
    ]
    assert told["customers"][0] | {"account_number": ""} == {
        "customer_id": "C4",
        "account_number": "",
        "customer": "Customer C4",
        "standing": "hold",
        "reason": "123 days late, 120 or more",
        "unpaid": 1,
        "days_late": 123,
        "overdue_amount": "300.00",
        "open_amount": "300.00",
        "currency": "USD",
    }
    out = tmp_path / "holds.csv"
    assert tieout("hold-list", *day, "--all", "--out", str(out))[0] == 0
    assert len(list(csv.DictReader(out.read_text().splitlines()))) == 3
    receiver.answers = [500]
    code, _, said = tieout("hold-list", "--send")
    assert (code, "answered 500" in said) == (1, True)
    assert json.loads(tieout("status", "--json")[1])["hold_list"] == "pending"
    code, _, said = tieout("hold-list", "--send")
    assert (code, "told again later" in said) == (0, True)


def test_a_stranger_to_fleetflow_is_told_so(world: World, command: Command) -> None:
    code, _, said = command(world)("hold-list")
    assert (code, "has no FleetFlow yet" in said) == (2, True)


def overridden(world: World, customer: str, standing: Said, until: str = "2025-08-03") -> None:
    at = world.office.clock()
    with world.office.store.begin() as session:
        hold_overrides.add(
            session,
            replace(grant_of(world.office, "harbor"), user="ada@harbor.example"),
            customer,
            standing,
            until=date.fromisoformat(until),
            reason="pays on Friday",
            today=AUGUST.date(),
            at=at,
        )


def test_what_a_person_says_goes_before_the_rule_until_its_day_and_fleetflow_is_told(
    linked: World, receiver: Receiver
) -> None:
    tend_fleetflow(linked.office)
    overridden(linked, "C4", "clear")
    overridden(linked, "C3", "hold", "2025-08-02")  # C3 owes nothing
    tend_fleetflow(at(linked, AUGUST + timedelta(minutes=1)))
    assert receiver.customers() == {"C1": "watch", "C2": "watch", "C3": "hold"}
    told = json.loads(receiver.told[-1][1])["data"]["customers"][-1]
    assert (told["reason"], told["open_amount"]) == (
        "held by ada@harbor.example until 2025-08-02: pays on Friday",
        "0.00",
    )
    tend_fleetflow(at(linked, AUGUST + timedelta(days=2)))
    assert receiver.customers() == {"C1": "watch", "C2": "watch"}
    tend_fleetflow(at(linked, AUGUST + timedelta(days=3)))
    assert receiver.customers() == {"C1": "watch", "C2": "watch", "C4": "hold"}
    overridden(linked, "C4", "clear")
    overridden(linked, "C4", "rule")
    told_before = len(receiver.told)
    tend_fleetflow(at(linked, AUGUST + timedelta(days=4)))
    assert len(receiver.told) == told_before  # the rule decides again, as it did


def test_a_tenants_own_rule_goes_before_the_mappings(linked: World, receiver: Receiver) -> None:
    tend_fleetflow(linked.office)
    with linked.office.store.begin() as session:
        change = {"hold_rule": (("days_late", 90),)}
        prefer(session, "harbor", change, at=AUGUST, actor="test")
    tend_fleetflow(at(linked, AUGUST + timedelta(minutes=1)))
    assert receiver.customers() == {"C1": "hold", "C4": "hold"}


def test_without_fleetflow_there_is_a_list_a_rule_and_overrides_by_whoever_may_approve(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))

    def tieout(*arguments: str) -> str:
        capsys.readouterr()
        main(["holds", *arguments, "--tenant", "harbor"])
        said = capsys.readouterr()
        return said.out + said.err

    day = ("--as-of", "2025-08-01", "--json")
    assert "There is no rule for holding anybody" in tieout("list", *day)
    assert "Your role" in tieout("rule", "--unpaid", "2", "--as", "ada@harbor.example")
    assert "Say who is held" in tieout("rule", "--watch-unpaid", "2")
    assert "holds by unpaid 2" in tieout("rule", "--unpaid", "2", "--as", "olga@harbor.example")
    [held] = json.loads(tieout("list", *day))["customers"]
    assert (held["customer_id"], held["reason"]) == ("C1", "2 unpaid, 2 or more")
    said = ("override", "--customer", "C1", "--release", "--reason", "new owner")
    assert "Your role" in tieout(*said, "--as", "alice@harbor.example")
    assert "is over already" in tieout(*said, "--until", "2025-08-01")
    assert "no such customer" in tieout(*said, "--customer", "Q1")
    assert "C1 is not held until 2099-01-01" in (
        tieout(*said, "--until", "2099-01-01", "--as", "ada@harbor.example")
    )
    assert "Nobody is held." in tieout("list")
    with world.office.store.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.what == "hold.overridden"))
        assert [(one.actor, one.detail["reason"]) for one in told] == [
            ("ada@harbor.example", "new owner")
        ]
