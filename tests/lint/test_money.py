"""The lint for floats: each rule catches what it is there for, and lets honest lines pass."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.allowed import ALLOWED, NO_MONEY, Allowed
from tests.lint.money import ROOT, complaints
from tests.lint.python_rules import RULES as PYTHON_RULES
from tests.lint.python_rules import findings_in_python
from tests.lint.sql_rules import RULES as SQL_RULES
from tests.lint.sql_rules import findings_in_sql

CAUGHT_IN_PYTHON = [
    ("type", "amount = float(text)"),
    ("type", "def total(amounts: list[float]) -> int: ..."),
    ("type", "amount = mapped_column(sa.Float)"),
    ("type", "frame = pd.Series(amounts, dtype='float64')"),
    ("literal", "owed = amount * 0.5"),
    ("literal", "is_open = amount > 1e-9"),
    ("literal", "rate = Decimal(0.73)"),
    ("division", "mean = total / count"),
    ("division", "total /= count"),
    ("division", "rate = Decimal(part / whole)"),
    ("rounding", "cents = round(amount, 2)"),
    ("module", "import math"),
    ("module", "from statistics import mean"),
    ("module", "import numpy as np"),
    ("frame", "rows = connection.execute(sql).df()"),
    ("frame", "rows = result.fetchdf()"),
    ("frame", "frame = table.to_pandas()"),
    ("frame", "frame = frame.astype(float)"),
    ("frame", "middle = frame['amount'].mean()"),
    ("frame", "amount = Decimal.from_float(value)"),
    ("reader", "record = json.loads(text)"),
    ("reader", "record = json.load(file)"),
    ("reader", "record = answer.json()"),
    ("reader", "record = simplejson.loads(text)"),
    ("reader", "record = msgspec.json.decode(text)"),
    ("reader", "frame = pd.read_csv(path)"),
]
CLEAN_PYTHON = [
    "amount = Decimal('0.73')",
    "average = Decimal(total) / count",
    "share = -max(late, Decimal(0)) / 30",
    "def share(part: Decimal, whole: Decimal | None) -> Decimal: return part / whole",
    "half = Decimal(1)\nshare = part / half",
    "yearly: Decimal = amount * 52\nmonthly = yearly / 12",
    "pages = total // 100",
    "file = ROOT / path",
    "file = settings.data_dir / 'secret.key'",
    "file = place / f'{seq}.duckdb' / name",
    "amount = value.quantize(unit, ROUND_HALF_UP)",
    "record = json.loads(text, parse_float=Decimal)",
    "record = simplejson.loads(text, use_decimal=True)",
    "record = msgspec.json.decode(text, type=Body)",
    "cells = rows.fetchall()",
    "middle = quantile(days, 50)",
    "said = 'a float, 0.5 / 2'",
]
CAUGHT_IN_SQL = [
    ("division", "select sum(amount) / count(*) from ledger"),
    ("division", "select sum(amount) -- whole\n/ 2 from ledger"),
    ("power", "select amount * 10 ** exponent from ledger"),
    ("power", "select amount ^ 2 from ledger"),
    ("type", "select amount::double from ledger"),
    ("type", "select try_cast(sent.amount as DOUBLE) from ledger"),
    ("type", "select cast(payload->>'amount' as float) from raw_records"),
    ("type", "create table ledger (amount real)"),
    ("type", """select from_json(payload, '{"amount": "DOUBLE"}') from raw_records"""),
    ("type", "select * from read_json($path, columns = {amount: 'double'})"),
    ("function", "select avg(amount) from ledger"),
    ("function", "select MEDIAN (amount) from ledger"),
    ("function", "select quantile_cont(amount, 0.5) from ledger"),
    ("function", "select stddev_pop(amount) from ledger"),
    ("function", "select ln(amount) from ledger"),
    ("literal", "select amount * 1e-2 from ledger"),
    ("literal", "select amount > 1.5E3 from ledger"),
]
CLEAN_SQL = [
    "select (2 * part + whole) // (2 * whole) from ledger",
    "select sum(amount)::decimal(19, 4) from ledger -- avg() / count() would be a double",
    "/* a double / a float */ select amount from ledger",
    "select quantile_disc(days_late, 0.5) from ledger",
    "select 0.001::decimal(5, 3)",
    "select 'it''s a / b', 'avg(x)' from ledger",
    "select really, average, doubled from ledger",
    """select from_json(payload, '{"amount": "VARCHAR"}') from raw_records""",
]


@pytest.mark.parametrize(("rule", "line"), CAUGHT_IN_PYTHON)
def test_a_float_in_python_is_caught(rule: str, line: str) -> None:
    assert rule in {found.rule for found in findings_in_python(line)}


@pytest.mark.parametrize("line", CLEAN_PYTHON)
def test_exact_python_passes(line: str) -> None:
    assert list(findings_in_python(line)) == []


@pytest.mark.parametrize(("rule", "line"), CAUGHT_IN_SQL)
def test_a_double_in_sql_is_caught(rule: str, line: str) -> None:
    assert rule in {found.rule for found in findings_in_sql(line)}


@pytest.mark.parametrize("line", CLEAN_SQL)
def test_exact_sql_passes(line: str) -> None:
    assert list(findings_in_sql(line)) == []


def test_every_rule_is_shown_to_catch_something() -> None:
    assert {rule for rule, _ in CAUGHT_IN_PYTHON} == set(PYTHON_RULES)
    assert {rule for rule, _ in CAUGHT_IN_SQL} == set(SQL_RULES)


def test_a_finding_says_where_it_is() -> None:
    (found,) = findings_in_sql("select amount,\n-- a comment\n    avg(amount)\nfrom ledger")
    assert (found.rule, found.line, found.text) == ("function", 3, "avg(")


def planted(root: Path, path: str, text: str) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("etl/metrics/revenue.py", "total = float(amount)\n"),
        ("etl/metrics/sql/dso.sql", "select avg(amount) from ledger\n"),
        ("dashboard/charts.py", "total = amount / 2\n"),
        ("billcom/paging.py", "import math\n"),
    ],
)
def test_a_violation_planted_anywhere_fails(tmp_path: Path, path: str, text: str) -> None:
    (line,) = complaints(planted(tmp_path, path, text), ())
    assert line.startswith(f"{path}:1: ")


def test_what_is_allowed_passes_only_in_its_file_by_its_rule_and_text(tmp_path: Path) -> None:
    planted(tmp_path, "etl/a.py", "taken = round(clock() - started, 3)\ntotal = round(amount)\n")
    planted(tmp_path, "etl/b.py", "taken = round(clock() - started, 3)\n")
    permission = Allowed("etl/a.py", "rounding", "seconds", "clock()")
    lines = complaints(tmp_path, (permission,))
    assert [line.partition(": ")[0] for line in lines] == ["etl/a.py:2", "etl/b.py:1"]


def test_a_permission_that_nothing_needs_is_told(tmp_path: Path) -> None:
    planted(tmp_path, "etl/a.py", "total = amount\n")
    assert "nothing needs" in complaints(tmp_path, (Allowed("etl/a.py", "literal", "seconds"),))[0]


def test_every_permission_names_a_file_that_is_there_and_a_reason() -> None:
    for path, reason in [*NO_MONEY.items(), *((entry.path, entry.reason) for entry in ALLOWED)]:
        assert (ROOT / path).exists()
        assert len(reason) > 5


def test_no_money_passes_through_a_float_here() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.lint.money"], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
