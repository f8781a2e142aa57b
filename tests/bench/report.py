"""docs/benchmarks.md: a section a bench, rewritten when it runs."""

import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import figures

__all__ = ["section"]

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

What `make bench` measured: figures of one machine, side by side in one run, medians of five unless
said otherwise. They depend on what else the machine was doing; ratios less so.
`make bench ARGS="ingest questions"` runs some of them and rewrites their sections.
"""


@contextmanager
def section(name: str, about: str) -> Iterator[None]:
    """Keeps what is told meanwhile as the section of this name."""
    with figures.listening() as told:
        yield
    rows = [f"| {what} | {figure} | {bound} |" for what, figure, bound in told]
    lines = [f"## {name}", "", about, "", _machine(), "", "| what | measured | asked for |"]
    _replace(name, "\n".join([*lines, "|---|---|---|", *rows]) + "\n")


def _machine() -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {_memory()}, {platform.system()}, "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}."
    )


def _processor() -> str:
    names = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def _memory() -> str:
    found = re.search(r"MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text())
    return f"{int(found[1]) // 1024**2} GiB" if found else "memory unknown"


def _replace(name: str, text: str) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    head, *sections = re.split(r"(?m)^(?=## )", page)
    kept = {part.split("\n", 1)[0].removeprefix("## "): part for part in sections}
    kept[name] = text
    parts = [part.rstrip() + "\n" for part in (head, *kept.values())]
    PAGE.write_text("\n".join(parts), encoding="utf-8")
