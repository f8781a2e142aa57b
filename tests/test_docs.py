"""What exists is written down: every setting, command, metric, error and word of the demo."""

import re
from pathlib import Path

import click
import pytest

from billcom import errors as bill_errors
from etl import errors
from etl.__main__ import cli
from etl.metrics.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_metric_has_its_paragraph(name: str) -> None:
    assert f"\n## {name}\n" in text("metrics.md")


def test_every_paragraph_has_its_metric() -> None:
    headings = re.findall(r"^## (\w+)$", text("metrics.md"), re.MULTILINE)
    assert set(headings) == set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_metric_has_one_sql_file(name: str) -> None:
    assert (ROOT / "etl" / "metrics" / "sql" / f"{name}.sql").read_text().startswith("-- ")


def test_every_sql_file_says_its_grain() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "etl").rglob("*.sql")
        if not file.read_text(encoding="utf-8").startswith("-- ")
    ]
    assert silent == []


@pytest.mark.parametrize("name", [*bill_errors.__all__, *errors.__all__])
def test_every_error_says_what_to_do(name: str) -> None:
    assert f"| `{name}` |" in text("errors.md")


def commands(group: click.Group, before: str = "tieout") -> list[tuple[str, str]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{before} {name}")
        else:
            found.append((before, name))
    return found


@pytest.mark.parametrize(("before", "name"), commands(cli))
def test_every_command_is_in_the_runbook(before: str, name: str) -> None:
    lines = [line for line in text("runbook.md").splitlines() if f"`{before}" in line]
    assert any(f"{name}`" in line for line in lines)


def test_every_setting_is_in_the_runbook() -> None:
    sources = [
        ROOT / "etl" / "settings.py",
        ROOT / "etl" / "__main__.py",
        ROOT / "etl/store/secrets.py",
    ]
    names = {
        name
        for source in sources
        for name in re.findall(r"\b(?:TIEOUT|BILLCOM)_[A-Z_]+[A-Z]\b", source.read_text())
    } - {"BILLCOM_VARIABLES"}
    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in text("runbook.md")} == set()


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for package in ("billcom", "etl", "dashboard")
        for file in (ROOT / package).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv|getenv\(", file.read_text(encoding="utf-8"))
    }
    # The demo hands its environment to the processes it starts; the command looks for
    # TIEOUT_DEBUG when settings may be what is wrong.
    assert readers == {"etl/settings.py", "etl/__main__.py", "etl/commands/demo.py"}
