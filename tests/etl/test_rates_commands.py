"""`tieout rates` as a script sees it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import running_sandbox
from tests.etl.test_commands import Shell
from tests.etl.test_rates_provider import GOOD, provider, with_body
from tests.worlds import written_world

HEADER = "currency,quote,on,rate\n"
AS_OF = ("--tenant", "meridian", "--as-of", "2026-06-30")


@pytest.fixture(scope="module")
def tieout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Two tenants, the one with several currencies synced."""
    shell = Shell(tmp_path_factory.mktemp("rates"))
    with running_sandbox(written_world((BUSINESSES[0], BUSINESSES[2]))) as sandbox:
        for at, slug in enumerate(("cascade", "meridian")):
            assert shell.add(sandbox, slug, at).returncode == 0
        assert shell("sync", "meridian").returncode == 0
        yield shell


def write(folder: Path, text: str | bytes) -> str:
    file = folder / "rates.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_a_file_is_recorded_once_and_listed_for_its_tenant_only(
    tieout: Shell, tmp_path: Path
) -> None:
    file = write(tmp_path, f"{HEADER}CAD,USD,2026-06-30,0.7300\nEUR,USD,2026-06-30,1.08\n")
    first = tieout("rates", "import", file, "--tenant", "meridian")
    again = tieout("rates", "import", file, "--tenant", "meridian")
    assert "2 of them new" in first.stdout
    assert "0 of them new" in again.stdout
    listed = tieout.json("rates", "list", "--tenant", "meridian", "--currency", "CAD")
    assert listed == [
        {
            "currency": "CAD",
            "quote": "USD",
            "on": "2026-06-30",
            "rate": "0.73000000",
            "source": "rates.csv",
        }
    ]
    assert tieout.json("rates", "list", "--tenant", "cascade") == []
    assert "No rate is held yet" in tieout("rates", "list", "--tenant", "cascade").stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}CAD,USD,2026-06-29,0.73\nCAD,USD,2026-06-30,0\n", "Line 3: “0” is not a rate"),
        ("", "The first line must name the columns"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (f"{HEADER}CAD,USD,2999-01-01,0.73\n", "Line 2: 2999-01-01 is still to come"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence_and_nothing_of_it_is_kept(
    tieout: Shell, tmp_path: Path, text: str | bytes, said: str
) -> None:
    before = tieout.json("rates", "list", "--tenant", "cascade")
    done = tieout("rates", "import", write(tmp_path, text), "--tenant", "cascade")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert tieout.json("rates", "list", "--tenant", "cascade") == before


def test_a_missing_file_and_an_unknown_tenant_are_told(tieout: Shell, tmp_path: Path) -> None:
    done = tieout("rates", "import", str(tmp_path / "none.csv"), "--tenant", "cascade")
    assert (done.returncode, "cannot be read" in done.stderr) == (1, True)
    done = tieout("rates", "list", "--tenant", "nobody")
    assert (done.returncode, "no tenant" in done.stderr) == (1, True)


def test_a_provider_is_remembered_and_only_its_host_is_shown(tieout: Shell) -> None:
    with provider(with_body(GOOD)) as (address, asked):
        url = f"{address}/{{from}}?app_id=hush"
        done = tieout("rates", "fetch", "--tenant", "cascade", "--url", url)
        assert done.returncode == 0, done.stderr
        again = tieout("rates", "fetch", "--tenant", "cascade")
    assert len(asked) == 2
    shown = tieout("tenant", "set", "cascade")
    assert "rates from          127.0.0.1" in shown.stdout
    everything = done.stdout + done.stderr + again.stdout + again.stderr + shown.stdout
    kept = (file.read_bytes() for file in tieout.data.rglob("*") if file.is_file())
    assert "hush" not in everything
    assert not any(b"hush" in content for content in kept)
    assert tieout("tenant", "set", "cascade", "--rates-url", "").returncode == 0
    done = tieout("rates", "fetch", "--tenant", "cascade")
    assert (done.returncode, "give one with --url" in done.stderr) == (2, True)


def test_an_address_that_is_none_is_refused(tieout: Shell) -> None:
    for command in (
        ("rates", "fetch", "--tenant", "cascade", "--url", "http://rates.example/"),
        ("tenant", "set", "cascade", "--rates-url", "file:///etc/passwd"),
    ):
        assert tieout(*command).returncode == 2


def test_a_table_tells_the_total_and_what_is_not_in_it(tieout: Shell) -> None:
    done = tieout("metric", "ar_aging", *AS_OF, "--reporting", "JPY")
    assert done.returncode == 0, done.stderr
    assert "In JPY, each document at the rate of its day:" in done.stdout
    assert "Not in it, without a rate: open_item EUR" in done.stdout
    listed = tieout.json("metric", "unconverted", *AS_OF, "--reporting", "JPY")["rows"]
    assert {row["currency"] for row in listed} == {"CAD", "EUR", "USD"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("metric", "cash_forecast", *AS_OF, "--reporting", "USD"), "cannot be narrowed"),
        (("metric", "ar_aging", *AS_OF, "--reporting", "dollars"), "is not a currency"),
    ],
)
def test_a_reporting_currency_that_makes_no_sense_is_wrong_usage(
    tieout: Shell, arguments: tuple[str, ...], said: str
) -> None:
    done = tieout(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_export_says_which_rows_are_converted_and_by_which_rates(
    tieout: Shell, tmp_path: Path
) -> None:
    out = tmp_path / "aging.csv"
    done = tieout("export", "ar_aging", *AS_OF, "--reporting", "USD", "--out", str(out))
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["converted"] for line in lines} == {"", "yes"}
    assert [line["currency"] for line in lines if line["converted"]] == ["USD"]
    facts = json.loads(out.with_name("aging.csv.facts.json").read_text())
    assert facts["reporting"]["currency"] == "USD"
    assert facts["reporting"]["rates"]
