"""What exists is written down: every setting, command, metric, error and word of the demo."""

import dataclasses
import re
from pathlib import Path

import click
import pytest

from billcom import errors as bill_errors
from billcom.sandbox.__main__ import main as sandbox
from billcom.sandbox.calls import CallLog
from billcom.sandbox.clock import system_clock
from billcom.sandbox.control_book import book_routes
from billcom.sandbox.control_server import Controls, server_routes
from billcom.sandbox.deliveries import BILLS_PACE
from billcom.sandbox.faults import KINDS, Fault, Faults
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.limits import Tally
from billcom.sandbox.webhooks import Webhooks
from billcom.sandbox.world import World
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
    source = f"{CATALOGUE[name].metric.sql}.sql"
    assert (ROOT / "etl" / "metrics" / "sql" / source).read_text().startswith("-- ")


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


def sandbox_words() -> list[str]:
    """Every knob, kind of fault, option and control path of the sandbox, as its page shows it."""
    options = [name for option in sandbox.params for name in (*option.opts, *option.secondary_opts)]
    knobs = [knob.name for knob in dataclasses.fields(Knobs)]
    return [
        f"`{word}`"
        for word in [*knobs, *sorted(KINDS), *(f.name for f in dataclasses.fields(Fault))]
    ] + [f"`{word}" for word in options]


@pytest.mark.parametrize("word", sandbox_words())
def test_every_knob_fault_and_option_is_on_the_sandboxs_page(word: str) -> None:
    assert word in text("sandbox.md")


def test_every_knobs_row_tells_its_default() -> None:
    for knob in dataclasses.fields(Knobs):
        default = str(knob.default).lower() if isinstance(knob.default, bool) else knob.default
        assert re.search(rf"\| `{knob.name}` \| `?{default}`? \|", text("sandbox.md")), knob.name


def test_every_control_path_is_on_the_sandboxs_page() -> None:
    world = World([], system_clock)
    webhooks = Webhooks(world, faults=Faults(), pace=BILLS_PACE)
    controls = Controls(world, Faults(), CallLog(Tally(system_clock)), webhooks)
    for route in [*server_routes(controls), *book_routes(world)]:
        for method in (route.methods or set()) - {"HEAD"}:
            assert f"| `{method} /control{route.path}` |" in text("sandbox.md")


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
