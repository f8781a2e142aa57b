"""`tieout close`, `restatements` and `--known-on` as a script sees them."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import running_sandbox
from tests.etl.test_commands import Shell
from tests.worlds import written_world

TODAY = datetime.now(UTC).date()
LAST_MONTH = f"{TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A tenant of the seeded world, synced once."""
    shell = Shell(tmp_path_factory.mktemp("close"))
    with running_sandbox(written_world(BUSINESSES[:1])) as sandbox:
        assert shell.add(sandbox, "cascade").returncode == 0
        shell.json("sync", "cascade")
        yield shell


def test_a_month_is_closed_listed_verified_and_closed_again(shell: Shell) -> None:
    made = shell.json("close", "cascade", LAST_MONTH)
    assert made["month"] == LAST_MONTH
    assert made["figures"]["figures"]["ar_aging"]["rows"]
    twice = shell("close", "cascade", LAST_MONTH)
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "--again closes it anew" in twice.stderr
    again = shell("close", "cascade", LAST_MONTH, "--again")
    assert again.returncode == 0
    assert f"Closed {LAST_MONTH} of cascade" in again.stdout
    listed = shell.json("close", "cascade", "--list")
    assert [(row["month"], row["sha256"]) for row in listed] == [
        (LAST_MONTH, made["sha256"]),
        (LAST_MONTH, made["sha256"]),
    ]
    assert shell.json("close", "cascade", LAST_MONTH, "--verify")["stands"] is True
    nothing = shell("restatements", "cascade", LAST_MONTH)
    assert nothing.stdout.strip() == f"Nothing of {LAST_MONTH} changed since it was closed."
    document = shell.json("restatements", "cascade", LAST_MONTH)
    assert (document["is_restated"], document["documents"], document["figures"]) == (False, [], [])


def test_a_close_whose_file_is_gone_fails_the_verification(shell: Shell) -> None:
    assert shell("close", "cascade", LAST_MONTH, "--again").returncode == 0
    (row, *_rest) = shell.json("close", "cascade", "--list")
    file = shell.data / "warehouse" / "cascade" / "snapshots" / f"{row['snapshot']:08d}.duckdb"
    aside = file.rename(file.with_suffix(".aside"))
    found = shell("close", "cascade", LAST_MONTH, "--verify", "--json")
    aside.rename(file)
    assert found.returncode == 1
    assert json.loads(found.stdout)["stands"] is False
    assert "is gone: restore its file from a backup" in found.stderr
    assert shell("close", "cascade", LAST_MONTH, "--verify").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("close", "cascade"), "Give a month as YYYY-MM"),
        (("close", "cascade", "2026-10", "--list"), "Give a month as YYYY-MM"),
        (("close", "cascade", "2026-10", "--again", "--verify"), "Give a month as YYYY-MM"),
        (("close", "cascade", "October"), "is not a month"),
        (("close", "cascade", f"{TODAY:%Y-%m}"), "is not over in UTC"),
        (("restatements", "cascade", "2020-01"), "is not closed"),
        (
            ("metric", "ar_aging", "--tenant", "cascade", "--known-on", "2999-01-01"),
            "is not known yet",
        ),
        (("metric", "ar_aging", "--tenant", "cascade", "--known-on", "soon"), "is not a date"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    shell: Shell, arguments: tuple[str, ...], said: str
) -> None:
    done = shell(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_figures_as_first_reported_say_so(shell: Shell, tmp_path: Path) -> None:
    on = TODAY.isoformat()
    known = shell.json("metric", "ar_aging", "--tenant", "cascade", "--known-on", on)
    plain = shell.json("metric", "ar_aging", "--tenant", "cascade", "--as-of", on)
    assert (known["known_on"], known["as_of"], known["rows"]) == (on, on, plain["rows"])
    early = shell("metric", "ar_aging", "--tenant", "cascade", "--known-on", "2020-01-01")
    assert early.returncode == 1
    assert "Nothing had been read of cascade by 2020-01-01" in early.stderr
    out = tmp_path / "known.csv"
    wrote = shell(
        "export", "open_items", "--tenant", "cascade", "--known-on", on, "--out", str(out)
    )
    assert wrote.returncode == 0
    with out.open(newline="") as file:
        assert next(csv.DictReader(file))["as_of"] == on
    assert json.loads((tmp_path / "known.csv.facts.json").read_text())["known_on"] == on


def test_a_statement_is_had_on_the_command_line(shell: Shell) -> None:
    items = shell.json("metric", "open_items", "--tenant", "cascade")["rows"]
    customer = items[0]["customer_id"]
    rows = shell.json("metric", "customer_statement", "--tenant", "cascade", "--customer", customer)
    lines = rows["rows"]
    assert (lines[0]["event"], lines[-1]["event"]) == ("opening_balance", "closing_balance")
    aging = shell.json("metric", "ar_aging", "--tenant", "cascade", "--customer", customer)
    assert aging["rows"][0]["net"] == lines[-1]["balance"]
