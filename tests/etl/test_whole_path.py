"""The vectors of the metrics page through everything: records given as files, served by the
sandbox over HTTP, synced, published, and asked for by the `tieout` command as a child process."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.load import loaded_world
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import encode
from billcom.sandbox.world import Tenant, World
from etl.__main__ import cli
from etl.metrics.catalogue import CATALOGUE
from tests.etl import vector_books
from tests.etl.books import golden
from tests.etl.test_commands import Shell
from tests.etl.test_golden_fixture import AGING
from tests.worlds import written_world

NOW = SettableClock(datetime(2026, 2, 1, 9, tzinfo=UTC))
BOOKS = {
    "golden": golden(),
    "quarter": vector_books.quarter(),
    "months": vector_books.months(),
    "countback": vector_books.countback(),
    "shares": vector_books.shares(),
    "payer": vector_books.payer(),
    "schedules": vector_books.schedules(),
    "debits": vector_books.debits(),
}
DOLLARS = {"currency": "USD"}

# Of which tenant, which metric, on which day, in which of its rows, what.
VECTORS = [
    ("quarter", "dso", "2025-06-30", {"variant": "simple"}, {"dso": "40.00"}),
    ("quarter", "dso", "2025-06-30", {"variant": "best_possible"}, {"dso": "30.00"}),
    (
        "quarter",
        "average_days_delinquent",
        "2025-06-30",
        DOLLARS,
        {"average_days_delinquent": "10.00"},
    ),
    ("quarter", "cei", "2025-06-30", DOLLARS, {"cei": "70.00", "months": 3}),
    ("quarter", "ar_turnover", "2025-06-30", DOLLARS, {"ar_turnover": "2.454545"}),
    ("months", "dso", "2025-06-30", {"variant": "true"}, {"dso": "45.70"}),
    ("months", "dso", "2025-06-30", {"variant": "sales_weighted"}, {"dso": "36.00"}),
    ("countback", "dso", "2025-06-30", {"variant": "countback"}, {"dso": "76.00"}),
    (
        "golden",
        "days_to_pay",
        "2025-07-31",
        DOLLARS,
        {"days_to_pay": "38.12", "applied": "850.00", "median": "12.00", "p90": "49.00"},
    ),
    (
        "golden",
        "days_late",
        "2025-07-31",
        DOLLARS,
        {"days_late": "8.12", "lateness": "13.41", "median": "-18.00", "p90": "19.00"},
    ),
    ("golden", "failed_payments_by_month", "2025-07-31", DOLLARS, {"count": 1, "amount": "300.00"}),
    ("schedules", "recurring_revenue_movements", "2026-01-31", DOLLARS, {"end_amount": "833.33"}),
    (
        "shares",
        "concentration",
        "2025-06-30",
        {"measure": "revenue", "currency": "USD"},
        {"hhi": "3800.00", "effective_customers": "2.63"},
    ),
    (
        "payer",
        "payment_behaviour",
        "2025-06-30",
        {"customer_id": "C1"},
        {"score": "76", "on_time": "0.800000", "days_late": "15.00", "failed": "0.100000"},
    ),
    (
        "debits",
        "return_rates",
        "2026-02-01",
        {"meter": "unauthorized"},
        {"returned": 1, "debits": 200, "rate": "0.005000", "standing": "at"},
    ),
]


def tenant_of(folder: Path, name: str, seed: int) -> Tenant:
    """A tenant whose book is read from files."""
    folder.mkdir()
    for resource, records in BOOKS[name].items():
        lines = [text_of(record) for record in records]
        file = folder / f"{resource.replace('_', '-')}.ndjson"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tenant,) = loaded_world(folder, NOW, seed).tenants
    return tenant


def text_of(record: object) -> str:
    encoded = encode(record)
    return encoded.decode() if isinstance(encoded, bytes) else encoded


@pytest.fixture(scope="module")
def tieout(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A tenant a book, synced."""
    files = tmp_path_factory.mktemp("files")
    tenants = [tenant_of(files / name, name, seed) for seed, name in enumerate(BOOKS)]
    shell = Shell(tmp_path_factory.mktemp("data"))
    with running_sandbox(World(tenants, NOW)) as sandbox:
        for at, name in enumerate(BOOKS):
            assert shell.add(sandbox, name, at).returncode == 0
        reports = {report["tenant"]: report for report in shell.json("sync")}
    for name, book in BOOKS.items():
        # The sandbox's own organization and user come with every book.
        expected = {resource: len(records) for resource, records in book.items()}
        expected |= {"users": 1, "organizations": 1}
        assert {k: v for k, v in reports[name]["rows"].items() if v} == expected
    return shell


def asked(tieout: Shell, tenant: str, metric: str, as_of: str) -> list[dict[str, Any]]:
    document = tieout.json("metric", metric, "--tenant", tenant, "--as-of", as_of)
    rows: list[dict[str, Any]] = document["rows"]
    return rows


@pytest.mark.parametrize("as_of", AGING)
def test_the_aging_of_the_golden_fixture_is_exact(tieout: Shell, as_of: str) -> None:
    rows = asked(tieout, "golden", "ar_aging", as_of)
    found = {row.pop("currency"): list(row.values()) for row in rows}
    # Amounts are texts, so none was a float on the way.
    assert all(isinstance(amount, str) for amounts in found.values() for amount in amounts)
    assert {
        currency: [Decimal(amount) for amount in amounts] for currency, amounts in found.items()
    } == {
        currency: [Decimal(amount) for amount in line.split()]
        for currency, line in AGING[as_of].items()
    }


def test_nothing_is_found_wrong_with_the_golden_fixture(tieout: Shell) -> None:
    (run,) = (run for run in tieout.json("runs") if run["tenant"] == "golden")
    assert [check["count"] for check in run["checks"]] == [0] * len(run["checks"])


@pytest.mark.parametrize(("tenant", "metric", "as_of", "where", "expected"), VECTORS)
def test_every_vector_comes_out_of_the_command(
    tieout: Shell,
    tenant: str,
    metric: str,
    as_of: str,
    where: Mapping[str, str],
    expected: Mapping[str, Any],
) -> None:
    rows = asked(tieout, tenant, metric, as_of)
    (row,) = (r for r in rows if {name: r[name] for name in where} == where)
    assert {name: row[name] for name in expected} == expected


def test_a_bucket_of_the_golden_fixture_is_explained_and_its_pack_holds(
    tieout: Shell, tmp_path: Path
) -> None:
    asked = ("explain", "ar_aging", "--tenant", "golden", "--as-of", "2025-06-30")
    bucket = (*asked, "--row", "currency=USD", "--column", "d31_60")
    document = tieout.json(*bucket)
    (row,) = document["inputs"]["rows"]
    assert (row["document"], row["amount"], row["columns"]) == ("I1", "400.00", "d31_60")
    left_out = {(row["document"], row["reason"]) for row in document["exclusions"]["rows"]}
    assert {("I5", "archived"), ("I4", "payment taken back by then")} <= left_out
    assert document["adds_up"]
    resources = {age["resource"]: age for age in document["data"]["resources"]}
    assert resources["invoices"]["records"] == 6
    assert all(resources[name]["changes_read_at"] for name in ("invoices", "customers"))
    pack = tmp_path / "evidence.zip"
    assert tieout(*bucket, "--pack", str(pack)).returncode == 0
    verified = tieout("explain", "--verify", str(pack))
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "gives the same again" in verified.stdout


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The demo's businesses, synced."""
    shell = Shell(tmp_path_factory.mktemp("seeded"))
    with running_sandbox(written_world(BUSINESSES)) as sandbox:
        for at, business in enumerate(BUSINESSES):
            assert shell.add(sandbox, business.key, at).returncode == 0
        assert shell("sync").returncode == 0
    return shell


@pytest.mark.parametrize("tenant", [business.key for business in BUSINESSES])
def test_every_metric_answers_of_every_seeded_tenant(seeded: Shell, tenant: str) -> None:
    """In this process: a child a metric would take a minute."""
    runner = CliRunner(env=seeded.environment)
    customer = ""
    for name in sorted(CATALOGUE, key=lambda name: name != "customers"):
        metric = CATALOGUE[name].metric
        only = [
            *(("--customer", customer) if metric.needs_customer else ()),
            *(("--record", customer) if metric.needs_record else ()),
            *(("--reporting", "USD") if metric.needs_reporting else ()),
        ]
        told = runner.invoke(cli, ["metric", name, "--tenant", tenant, "--json", *only])
        assert told.exit_code == 0, (name, told.output)
        document = json.loads(told.stdout)
        names = [column.name for column in metric.columns]
        # Columns drawn by a question are called after it; all others are those of the catalogue.
        assert all(len(row) == len(names) for row in document["rows"]), name
        customer = customer or document["rows"][0]["customer_id"]
