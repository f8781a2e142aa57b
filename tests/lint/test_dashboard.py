"""The rules for pages: each catches what it is there for, and the dashboard keeps them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lint.dashboard_rules import findings_in_page
from tests.lint.finding import Finding
from tests.lint.money import ROOT

LONGEST_PAGE = 120
CAUGHT = [
    ("grouping", "rows = frame.groupby('customer').first()"),
    ("grouping", "from itertools import groupby"),
    ("grouping", "table = pd.pivot_table(frame)"),
    ("sql", "rows = read('select customer from invoices')"),
    ("sql", "read(f'select {name} from invoices')"),
    ("sql", "run('DROP TABLE invoices')"),
    ("money", "total = row['open_amount'] + row['amount']"),
    ("money", "owed = sum(row['open_amount'] for row in rows)"),
    ("money", "left = invoice.total_amount - paid"),
    ("money", "amount *= 2"),
    ("money", "share = amount / whole"),
    ("money", "total = sum(amounts)"),
]
CLEAN = [
    "count = sum(check['count'] for check in checks)",
    "height = (most + 1) * ROW",
    "shown = money(abs(amount), currency)",
    "is_due = row['open_amount'] > 0",
    '"""Told: select one from many."""',
]


def found_in(folder: Path) -> Iterator[tuple[str, Finding]]:
    for file in sorted(folder.rglob("*.py")):
        for found in findings_in_page(file.read_text(encoding="utf-8")):
            yield file.relative_to(ROOT).as_posix(), found


@pytest.mark.parametrize(("rule", "line"), CAUGHT)
def test_a_rule_catches_what_it_is_there_for(rule: str, line: str) -> None:
    assert rule in {found.rule for found in findings_in_page(line)}


@pytest.mark.parametrize("line", CLEAN)
def test_honest_lines_pass(line: str) -> None:
    assert list(findings_in_page(line)) == []


def test_the_dashboard_groups_nothing_asks_no_database_and_reckons_with_no_money() -> None:
    assert [(path, one.line, one.text) for path, one in found_in(ROOT / "dashboard")] == []


def test_every_page_is_short_enough_to_be_read_at_once() -> None:
    pages = sorted((ROOT / "dashboard" / "app_pages").glob("*.py"))
    lengths = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in pages}
    assert len(lengths) > 9
    assert {name: length for name, length in lengths.items() if length > LONGEST_PAGE} == {}
