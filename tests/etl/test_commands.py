"""The `tieout` command as a script sees it: exit codes, one sentence, JSON and nothing else."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import Sandbox, running_sandbox
from etl.__main__ import main
from tests.billcom.scripted import LOGIN, Reply, Scripted, serving
from tests.worlds import written_world


class Shell:
    """Runs `tieout` on a data folder of its own: in this process, which spares the second and a
    half that a new one takes to load everything, or as a child."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TIEOUT_", "BILLCOM_"))
        } | {"TIEOUT_DATA_DIR": str(data)}

    def __call__(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment | more, clear=True),
            mock.patch("sys.stdin", io.StringIO()),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = main(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def child(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The same as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "etl", *arguments],
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def add(self, sandbox: Sandbox, slug: str, at: int = 0, **wrong: str) -> Any:
        known = sandbox.tenants[at]
        given = {
            "BILLCOM_API_KEY": known.developer_key,
            "BILLCOM_USERNAME": known.username,
            "BILLCOM_PASSWORD": known.password,
            "BILLCOM_ORG_ID": known.organization_id,
            "BILLCOM_ENVIRONMENT": "sandbox",
        } | wrong
        base_url = given.pop("base_url", sandbox.base_url)
        return self("tenant", "add", slug, "--name", known.name, "--base-url", base_url, **given)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    chosen = (BUSINESSES[0], BUSINESSES[2])
    with running_sandbox(written_world(chosen)) as running:
        yield running


@pytest.fixture(scope="module")
def tieout(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Shell:
    """Two tenants, synced."""
    shell = Shell(tmp_path_factory.mktemp("commands"))
    for at, slug in enumerate(("cascade", "meridian")):
        done = shell.add(sandbox, slug, at)
        assert done.returncode == 0, done.stderr
    assert shell("sync").returncode == 0
    return shell


def test_sync_reports_as_documented(tieout: Shell) -> None:
    reports = tieout.json("sync")
    assert [report["tenant"] for report in reports] == ["cascade", "meridian"]
    for report in reports:
        assert set(report) == {
            "tenant",
            "run_id",
            "status",
            "rows",
            "api_calls",
            "seconds",
            "snapshot",
        }
        assert report["status"] == "succeeded"
        assert report["api_calls"] <= 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("metric", "ar_aging", "--tenant", "cascade", "--json"),
        ("metric", "ar_aging", "--tenant", "nobody"),
        ("frobnicate",),
    ],
)
def test_a_child_process_says_the_same(tieout: Shell, arguments: tuple[str, ...]) -> None:
    here, child = tieout(*arguments), tieout.child(*arguments)
    assert (here.returncode, here.stdout, here.stderr) == (
        child.returncode,
        child.stdout,
        child.stderr,
    )


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("ar_aging", "currency current d1_30 d31_60 d61_90 d91_plus gross unapplied net"),
        ("invoiced_by_month", "month currency amount"),
        ("collected_by_month", "month currency amount"),
        ("failed_payments_by_month", "month currency count amount"),
        (
            "open_items",
            (
                "invoice_id invoice_number customer_id customer currency invoice_on due_on "
                "days_past_due open_amount"
            ),
        ),
    ],
)
def test_a_metric_has_its_documented_columns(tieout: Shell, name: str, columns: str) -> None:
    document = tieout.json("metric", name, "--tenant", "meridian", "--as-of", "2026-06-30")
    assert set(document) == {"metric", "tenant", "as_of", "unit", "snapshot", "rows"}
    assert (document["metric"], document["tenant"], document["as_of"]) == (
        name,
        "meridian",
        "2026-06-30",
    )
    assert document["rows"]
    for row in document["rows"]:
        assert list(row) == columns.split()
        assert row["currency"] in {"USD", "CAD", "EUR", "JPY"}
        for money in ("amount", "gross", "open_amount"):
            assert isinstance(row.get(money, ""), str)


def test_a_customers_history_ends_at_what_they_owe(tieout: Shell) -> None:
    customer = tieout.json("metric", "customers", "--tenant", "cascade")["rows"][0]
    history = tieout.json(
        "metric", "customer_history", "--tenant", "cascade", "--customer", customer["customer_id"]
    )["rows"]
    columns = "on event document currency amount balance invoice_id"
    assert list(history[0]) == columns.split()
    assert history[-1]["balance"] == customer["balance"]


def test_an_export_is_the_metric_as_csv_with_its_facts(tieout: Shell, tmp_path: Path) -> None:
    out = tmp_path / "items.csv"
    done = tieout("export", "open_items", "--tenant", "cascade", "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "")
    rows = list(csv.DictReader(out.open(newline="", encoding="utf-8")))
    metric = tieout.json("metric", "open_items", "--tenant", "cascade")["rows"]
    assert [row["open_amount"] for row in rows] == [row["open_amount"] for row in metric]
    facts = json.loads((tmp_path / "items.csv.facts.json").read_text())
    assert facts["rows"] == len(rows)
    assert facts["ties_out"] is True


def test_a_figure_is_explained_largest_first_or_whole(tieout: Shell) -> None:
    asked = ("explain", "ar_aging", "--tenant", "cascade", "--as-of", "2026-06-30")
    shown = tieout(*asked, "--limit", "2")
    assert shown.returncode == 0, shown.stderr
    assert "Inputs: 2 of " in shown.stdout
    assert "Yes: the inputs give the figure to the cent." in shown.stdout
    document = tieout.json(*asked)
    assert document["inputs"]["count"] == len(document["inputs"]["rows"]) > 2
    figures = tieout.json("metric", "ar_aging", "--tenant", "cascade", "--as-of", "2026-06-30")
    assert document["figure"] == figures["rows"]


def test_a_customers_statement_is_a_pdf_of_theirs_alone(tieout: Shell, tmp_path: Path) -> None:
    of = {
        slug: tieout.json("metric", "customers", "--tenant", slug)["rows"][0]["customer_id"]
        for slug in ("cascade", "meridian")
    }
    asked = ("export", "customer_statement", "--tenant", "cascade", "--customer")
    out = tmp_path / "statement.pdf"
    done = tieout(*asked, of["cascade"], "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "statement.pdf.facts.json").read_text())["format"] == "pdf"
    foreign = tieout(*asked, of["meridian"], "--out", str(tmp_path / "foreign.pdf"))
    assert (foreign.returncode, (tmp_path / "foreign.pdf").exists()) == (2, False)
    assert "no such customer" in foreign.stderr


def test_no_command_shows_one_tenant_the_others_rows(tieout: Shell) -> None:
    ids = {
        slug: {
            row["customer_id"]
            for row in tieout.json("metric", "customers", "--tenant", slug)["rows"]
        }
        for slug in ("cascade", "meridian")
    }
    assert ids["cascade"].isdisjoint(ids["meridian"])
    foreign = next(iter(ids["meridian"]))
    narrowed = ("--tenant", "cascade", "--row", f"customer_id={foreign}")
    assert tieout("explain", "customers", *narrowed).returncode == 2
    for metric in ("customer_history", "open_items", "invoices", "payments"):
        document = tieout.json("metric", metric, "--tenant", "cascade", "--customer", foreign)
        assert document["rows"] == []


def test_show_and_list_tell_no_secret(tieout: Shell) -> None:
    for arguments in (
        ("tenant", "list"),
        ("tenant", "show", "cascade"),
        ("runs",),
        ("user", "list"),
    ):
        said = tieout(*arguments).stdout + tieout(*arguments, "--json").stdout
        assert "not-a-secret" not in said
        assert "sandbox-devkey" not in said


def test_people_are_added_listed_and_removed(tieout: Shell) -> None:
    added = tieout("user", "add", "ana@x.example", "--tenant", "cascade", "--role", "viewer")
    assert added.returncode == 0
    assert "Password (shown once): " in added.stdout
    assert tieout.json("user", "list") == [
        {"email": "ana@x.example", "tenant": "cascade", "role": "viewer"}
    ]
    assert tieout("user", "remove", "ana@x.example").returncode == 0
    assert tieout.json("user", "list") == []


BAD_INPUT = [
    (2, "no such command", ("frobnicate",)),
    (2, "choose one of", ("metric", "revenue_per_moon", "--tenant", "cascade")),
    (2, "cannot name a tenant", ("metric", "ar_aging", "--tenant", "../cascade")),
    (2, "cannot name a tenant", ("sync", "../../etc")),
    (2, "is not a date", ("metric", "ar_aging", "--tenant", "cascade", "--as-of", "2026-02-30")),
    (2, "is not a date", ("metric", "ar_aging", "--tenant", "cascade", "--as-of", "yesterday")),
    (
        2,
        "must not be after",
        (
            "metric",
            "invoiced_by_month",
            "--tenant",
            "cascade",
            "--from",
            "2026-02-01",
            "--to",
            "2026-01-01",
        ),
    ),
    (2, "of one customer", ("metric", "customer_history", "--tenant", "cascade")),
    (2, "-5 is not in the range", ("runs", "--limit", "-5")),
    (2, "missing option", ("metric", "ar_aging")),
    (1, "there is no tenant", ("sync", "nobody")),
    (1, "there is no tenant", ("metric", "ar_aging", "--tenant", "nobody")),
    (
        1,
        "cannot be written",
        (
            "export",
            "ar_aging",
            "--tenant",
            "cascade",
            "--out",
            "/nonexistent/aging.csv",
        ),
    ),
    (
        2,
        "is not a number of days",
        ("metric", "ar_aging", "--tenant", "cascade", "--edges", "30,x"),
    ),
    (
        2,
        "cannot be narrowed by --grace-days",
        ("metric", "ar_aging", "--tenant", "cascade", "--grace-days", "3"),
    ),
    (2, "no role", ("user", "add", "a@x.example", "--tenant", "cascade", "--role", "king")),
    (2, "--yes", ("tenant", "remove", "cascade")),
    (
        2,
        "cannot be narrowed by --customer",
        (
            "metric",
            "summary",
            "--tenant",
            "cascade",
            "--customer",
            "0cu1",
        ),
    ),
    (
        2,
        "cannot be narrowed by --as-of",
        (
            "metric",
            "payments",
            "--tenant",
            "cascade",
            "--as-of",
            "2026-01-01",
        ),
    ),
    (2, "is not a currency", ("metric", "ar_aging", "--tenant", "cascade", "--currency", "usd")),
    (2, "'bogus' is not one of", ("metric", "invoices", "--tenant", "cascade", "--state", "bogus")),
    (1, "there is no tenant", ("sync", "cascade", "nobody")),
    (2, "choose one of", ("explain", "revenue_per_moon", "--tenant", "cascade")),
    (2, "missing argument", ("explain", "--tenant", "cascade")),
    (2, "of one customer", ("explain", "customer_history", "--tenant", "cascade")),
    (2, "give --row as column=text", ("explain", "ar_aging", "--tenant", "cascade", "--row", "x")),
    (2, "has no column", ("explain", "ar_aging", "--tenant", "cascade", "--row", "x=1")),
    (
        2,
        "has no row with currency=XXX".lower(),
        ("explain", "ar_aging", "--tenant", "cascade", "--row", "currency=XXX"),
    ),
    (2, "cannot be read", ("explain", "--verify", "/nonexistent.zip")),
    (2, "is not a whole evidence pack", ("explain", "--verify", sys.executable)),
    (
        1,
        "cannot be written",
        ("explain", "ar_aging", "--tenant", "cascade", "--pack", "/nonexistent/e.zip"),
    ),
]


@pytest.mark.parametrize(("code", "sentence", "arguments"), BAD_INPUT)
def test_bad_input_gets_one_sentence_and_its_exit_code(
    tieout: Shell, code: int, sentence: str, arguments: tuple[str, ...]
) -> None:
    done = tieout(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr.lower()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "sentence", "wrong"),
    [
        (1, "user name and password", {"BILLCOM_PASSWORD": "wrong"}),
        (1, "developer key", {"BILLCOM_API_KEY": "wrong"}),
        (1, "cannot be reached", {"base_url": "http://127.0.0.1:9/connect"}),
        (1, "plain http", {"base_url": "http://bill.example/connect"}),
        (1, "no environment", {"BILLCOM_ENVIRONMENT": "moon"}),
        (2, "billcom_org_id is not set", {"BILLCOM_ORG_ID": ""}),
        (2, "cannot name a tenant", {"slug": "../x"}),
    ],
)
def test_a_connection_that_does_not_work_is_not_kept(
    tieout: Shell, sandbox: Sandbox, code: int, sentence: str, wrong: dict[str, str]
) -> None:
    slug = wrong.pop("slug", "wrong")
    done = tieout.add(sandbox, slug, **wrong)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
    assert sentence in done.stderr.lower()
    assert [tenant["slug"] for tenant in tieout.json("tenant", "list")] == ["cascade", "meridian"]


def test_an_organization_is_connected_once(tieout: Shell, sandbox: Sandbox) -> None:
    done = tieout.add(sandbox, "again")
    assert done.returncode == 2
    assert "is connected already, as cascade" in done.stderr


def test_writing_to_production_is_allowed_explicitly(tmp_path: Path, sandbox: Sandbox) -> None:
    shell = Shell(tmp_path)
    shell.add(sandbox, "real", 0, BILLCOM_ENVIRONMENT="production")
    shell.add(sandbox, "pretend", 1)
    assert [row["writes"] for row in shell.json("tenant", "list")] == ["allowed", "not allowed"]
    asked = shell("tenant", "allow-writes", "real")
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    assert shell.json("tenant", "show", "real")["writes"] == "not allowed"
    assert shell("tenant", "allow-writes", "real", "--yes").returncode == 0
    assert shell.json("tenant", "show", "real")["writes"] == "allowed"
    for slug in ("real", "pretend"):
        again = shell("tenant", "allow-writes", slug)
        assert (again.returncode, again.stdout.partition(":")[0]) == (0, "Nothing to do")


def test_a_tenant_counts_in_its_own_way(tieout: Shell) -> None:
    usual = tieout.json("metric", "ar_aging", "--tenant", "meridian")
    done = tieout("tenant", "set", "meridian", "--aging-edges", "7,14", "--aging-basis", "invoice")
    assert done.returncode == 0, done.stderr
    assert "7,14" in done.stdout
    (first, *_) = tieout.json("metric", "ar_aging", "--tenant", "meridian")["rows"]
    assert list(first)[1:5] == ["current", "d1_7", "d8_14", "d15_plus"]
    asked = ("--edges", "30,60,90", "--basis", "due")
    assert tieout.json("metric", "ar_aging", "--tenant", "meridian", *asked) == usual
    assert "d1_30" in tieout.json("metric", "ar_aging", "--tenant", "cascade")["rows"][0]
    refused = tieout("tenant", "set", "meridian", "--contract", "invoices=perhaps")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "RESOURCE=stop" in refused.stderr


def test_a_tenant_changes_worlds_only_by_saying_so(tmp_path: Path, sandbox: Sandbox) -> None:
    shell = Shell(tmp_path)
    shell.add(sandbox, "cascade", 0)
    assert shell("sync").returncode == 0
    other = sandbox.tenants[1]
    given = {
        "BILLCOM_API_KEY": other.developer_key,
        "BILLCOM_USERNAME": other.username,
        "BILLCOM_PASSWORD": other.password,
        "BILLCOM_ORG_ID": other.organization_id,
        "BILLCOM_ENVIRONMENT": "production",
    }
    switch = ("tenant", "environment", "cascade", "--base-url", sandbox.base_url)
    kept = shell(*switch, **given)
    assert (kept.returncode, "--discard" in kept.stderr) == (2, True)
    done = shell(*switch, "--discard", **given)
    assert (done.returncode, done.stdout[:8]) == (0, "Switched")
    shown = shell.json("tenant", "show", "cascade")
    assert (shown["environment"], shown["writes"]) == ("production", "not allowed")
    assert shell(*switch, **given).stdout.startswith("Nothing to do")


def test_an_address_that_answers_with_a_page_is_told_so(tieout: Shell, sandbox: Sandbox) -> None:
    page = Scripted(LOGIN, login=Reply(200, "<!doctype html><html>Hello</html>"))
    with serving(page):
        done = tieout.add(sandbox, "page", base_url=page.base_url)
    assert done.returncode == 1
    assert "HTML page" in done.stderr


def test_a_removed_tenant_leaves_no_file_and_the_other_untouched(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    shell = Shell(tmp_path)
    shell.add(sandbox, "cascade", 0)
    shell.add(sandbox, "meridian", 1)
    shell("sync", "cascade")
    assert (tmp_path / "warehouse" / "cascade").exists()
    assert shell("tenant", "remove", "cascade", "--yes").returncode == 0
    assert not (tmp_path / "warehouse" / "cascade").exists()
    assert [tenant["slug"] for tenant in shell.json("tenant", "list")] == ["meridian"]
    again = shell.add(sandbox, "cascade", 0)
    assert again.returncode == 0, again.stderr
    assert shell.json("sync", "cascade")[0]["rows"]["invoices"] > 0


def test_serve_syncs_by_itself_refuses_a_second_and_ends_on_sigterm(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    shell = Shell(tmp_path)
    shell.add(sandbox, "cascade", 0)
    serving_process = subprocess.Popen(
        [sys.executable, "-m", "etl", "serve", "--port", "0"],
        env=shell.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(300):
            if [run["status"] for run in shell.json("runs")] == ["succeeded"]:
                break
            time.sleep(0.1)
        second = shell("serve")
        assert (second.returncode, len(second.stderr.splitlines())) == (1, 1)
        assert "already" in second.stderr
    finally:
        serving_process.send_signal(signal.SIGTERM)
        _, said = serving_process.communicate(timeout=30)
    assert serving_process.returncode == 0
    assert [run["trigger"] for run in shell.json("runs")] == ["schedule"]
    for secret in ("not-a-secret", "sandbox-devkey"):
        assert secret not in said
    assert "Traceback" not in said


def test_an_export_is_arranged_carried_out_and_kept_in_the_history(
    tieout: Shell, tmp_path: Path
) -> None:
    where = ("--tenant", "cascade", "--daily", "--folder", str(tmp_path))
    done = tieout("export-schedule", "add", "aging", "ar_aging", "--format", "xlsx", *where)
    assert done.returncode == 0, done.stderr
    (row,) = tieout.json("export-schedule", "list", "--tenant", "cascade")
    assert (row["name"], row["when"], row["to"]) == ("aging", "daily at 07:00", str(tmp_path))
    assert tieout.json("export-schedule", "list", "--tenant", "meridian") == []
    done = tieout("export-schedule", "run", "aging", "--tenant", "cascade")
    assert done.returncode == 0, done.stderr
    newest = tieout.json("export-history", "--tenant", "cascade")[0]
    assert (newest["schedule"], newest["outcome"]) == ("aging", "delivered")
    content = Path(newest["went_to"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == newest["sha256"]
    assert tieout("export-schedule", "remove", "aging", "--tenant", "cascade").returncode == 0
    assert tieout("export-schedule", "run", "aging", "--tenant", "cascade").returncode == 2


def test_keys_to_storage_are_sealed_and_never_shown(tieout: Shell) -> None:
    what = ("lake", "invoices", "--tenant", "cascade", "--after-sync", "--bucket", "books")
    assert tieout("export-schedule", "add", *what).returncode == 2
    keys = {"AWS_ACCESS_KEY_ID": "the-key-id", "AWS_SECRET_ACCESS_KEY": "the-secret"}
    assert tieout("export-schedule", "add", *what, **keys).returncode == 0
    shown = tieout("export-schedule", "list", "--tenant", "cascade").stdout
    assert "s3://books/" in shown
    assert "the-secret" not in shown
    assert b"the-secret" not in (tieout.data / "tieout.db").read_bytes()
    assert tieout("export-schedule", "remove", "lake", "--tenant", "cascade").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ar_aging", "--folder", "/srv/x"), "Say when"),
        (("ar_aging", "--daily"), "Say where to"),
        (("ar_aging", "--daily", "--folder", "/srv/x", "--email", "a@x.example"), "Say where to"),
        (("ar_aging", "--daily", "--folder", "srv/x"), "given from the root"),
        (("ar_aging", "--daily", "--email", "a@x.example"), "may not read cascade"),
        (("ar_aging", "--weekly", "--folder", "/srv/x"), "needs its day"),
        (("ar_aging", "--daily", "--at", "7", "--folder", "/srv/x"), "not a time of day"),
        (("summary", "--daily", "--customer", "C1", "--folder", "/srv/x"), "cannot be narrowed"),
        (("nothing", "--daily", "--folder", "/srv/x"), "nothing"),
    ],
)
def test_what_cannot_be_arranged_is_refused_in_a_sentence(
    tieout: Shell, arguments: tuple[str, ...], says: str
) -> None:
    done = tieout("export-schedule", "add", "wrong", *arguments, "--tenant", "cascade")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
