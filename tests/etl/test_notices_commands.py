"""`tieout notices` as a script sees it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl.__main__ import main
from tests.dashboard.world import World, make_world, publish
from tests.etl.books import customer, invoice, payment
from tests.etl.mailbox import Mailbox, mail_server

TODAY = datetime.now(UTC).date()
YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=20)


class Shell:
    """`tieout` in this process; what it printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], box: Mailbox) -> None:
        self._capsys = capsys
        self.box = box

    def __call__(self, *arguments: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main(["notices", *arguments]) == code
        out, err = self._capsys.readouterr()
        return out if code == 0 else err

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Harbor with one invoice that fell due yesterday, and one of a customer without an address."""
    made = make_world(tmp_path_factory.mktemp("notices") / "data")
    book = {
        "customers": [customer("C1"), customer("C2", email="")],
        "invoices": [
            invoice("I1", "C1", "1234.50", f"{BEFORE}", f"{YESTERDAY}"),
            invoice("I2", "C2", "20.00", f"{BEFORE}", f"{YESTERDAY}"),
        ],
        "receivable_payments": [payment("P1", "C1", "5.00", f"{BEFORE}", {})],
    }
    publish(made.office, "harbor", book)
    yield made
    made.office.store.engine.dispose()


@pytest.fixture
def shell(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))
    with mail_server() as (box, port):
        monkeypatch.setenv("TIEOUT_SMTP_URL", f"smtp://localhost:{port}")
        monkeypatch.setenv("TIEOUT_SMTP_FROM", "tieout@books.example")
        yield Shell(capsys, box)


def test_it_is_switched_on_shown_held_back_and_switched_off(shell: Shell, world: World) -> None:
    assert "Letters are off" in shell("preview", "--tenant", "harbor")
    assert "--reply-to" in shell("on", "--tenant", "harbor", code=2)
    ways = ("--steps=-3,1", "--over", "USD=10", "--quiet-hours", "")
    told = shell("on", "--tenant", "harbor", "--reply-to", "ar@harbor.example", *ways)
    assert f"since {TODAY}" in told
    assert "-3,1" in told

    shown = shell.json("preview", "--tenant", "harbor")
    (letter,), (withheld,) = shown["letters"], shown["withheld"]
    assert (letter["to"], letter["kind"]) == ("c1@carrier.example", "reminder")
    assert letter["tells"][0] | {"on": ""} == {
        "document_id": "I1",
        "number": "I1",
        "step": 1,
        "currency": "USD",
        "amount": "1234.50",
        "on": "",
    }
    assert withheld["reason"] == "BILL has no e-mail address of the customer."
    text = shell("preview", "--tenant", "harbor")
    assert "Subject: Harbor Freight: 1,234.50 USD past due" in text
    assert "Invoice I1: 1,234.50 USD" in text

    # BILL is not there: the letter waits for where to pay.
    assert shell.json("run") == {"waiting": 1}
    (row,) = shell.json("list", "--tenant", "harbor")
    assert (row["status"], row["about"], row["customer_id"]) == ("waiting", "Customer C1", "C1")
    assert shell("off", "--tenant", "harbor").count("off") == 3
    assert shell.box.taken == []


def test_without_a_mail_server_it_says_what_is_missing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIEOUT_SMTP_URL")
    assert "TIEOUT_SMTP_URL" in shell("on", "--tenant", "harbor", code=1)
    assert "TIEOUT_SMTP_URL" in shell("run", code=1)


def test_what_is_suppressed_is_listed_with_its_reason(shell: Shell) -> None:
    assert "--reason" in shell("suppress", "--tenant", "harbor", "--invoice", "I1", code=2)
    dispute = ("--invoice", "I1", "--reason", "Wrong rate")
    (row,) = shell.json("suppress", "--tenant", "harbor", *dispute)
    assert (row["what"], row["value"], row["reason"]) == ("invoice", "I1", "Wrong rate")
    assert shell.json("suppress", "--tenant", "quay") == []
    assert shell.json("suppress", "--tenant", "harbor", "--invoice", "I1", "--end") == []
    assert "not suppressed" in shell(
        "suppress", "--tenant", "harbor", "--invoice", "I1", "--end", code=2
    )
    assert "not an e-mail address" in shell(
        "suppress", "--tenant", "harbor", "--address", "x", "--reason", "r", code=2
    )


@pytest.mark.parametrize(
    ("option", "value"), [("--steps", "x"), ("--quiet-hours", "25-8"), ("--over", "usd=1")]
)
def test_ways_that_make_no_sense_are_refused(shell: Shell, option: str, value: str) -> None:
    reply_to = ("--reply-to", "ar@harbor.example")
    assert f"“{value}”" in shell("on", "--tenant", "harbor", *reply_to, option, value, code=2)
