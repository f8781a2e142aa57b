"""No float between the wire and the CSV: `python -m tests.lint.money` fails where there is one.

A float holds most amounts only nearly, and nobody sees it until a sum is a cent out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.lint.allowed import ALLOWED, NO_MONEY, Allowed
from tests.lint.finding import Finding
from tests.lint.python_rules import findings_in_python
from tests.lint.sql_rules import findings_in_sql

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("billcom", "etl", "dashboard")
READERS = {".py": findings_in_python, ".sql": findings_in_sql}


def findings_under(root: Path) -> dict[str, list[Finding]]:
    """What the rules say of every file with money in it, by path from `root`."""
    return {
        path: sorted(READERS[Path(path).suffix](text), key=lambda found: found.line)
        for path, text in _files(root)
    }


def _files(root: Path) -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix in READERS and not path.startswith(tuple(NO_MONEY)):
                yield path, file.read_text(encoding="utf-8")


def complaints(root: Path, allowed: tuple[Allowed, ...] = ALLOWED) -> list[str]:
    """A line for each float that nothing allows, and each permission that nothing needs."""
    unused, lines = set(allowed), []
    for path, found in findings_under(root).items():
        for one in found:
            needed = {entry for entry in allowed if entry.covers(path, one)}
            unused -= needed
            if not needed:
                lines.append(f"{path}:{one.line}: {one.rule}: {one.text}")
    return lines + [f"{entry.path}: nothing needs “{entry.reason}” any more" for entry in unused]


if __name__ == "__main__":
    found = complaints(ROOT)
    hint = "Use Decimal, or say in tests/lint/allowed.py why this is no money."
    sys.exit("\n".join([*found, hint]) if found else 0)
