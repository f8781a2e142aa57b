"""What several commands need: the back office, dates, tables, JSON."""

import getpass
import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from etl.back_office import BackOffice, open_back_office
from etl.errors import TieoutError, UsageError
from etl.exports import folder
from etl.settings import load_settings

__all__ = [
    "LOG_FORMAT",
    "actor",
    "as_date",
    "back_office",
    "json_option",
    "print_json",
    "print_table",
    "table_lines",
    "write_whole",
]

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def back_office() -> BackOffice:
    """The back office of this environment's settings; what goes wrong is kept in its log."""
    office = open_back_office(load_settings())
    log = logging.FileHandler(office.settings.data_dir / "tieout.log", delay=True)
    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING, handlers=[log])
    return office


def actor() -> str:
    """Who the audit trail names for a command: the user of this machine."""
    return f"{getpass.getuser()} (command line)"


def as_date(text: str | None) -> date | None:
    """A date given as YYYY-MM-DD; UsageError where it is none."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise UsageError(f"“{text}” is not a date: give it as YYYY-MM-DD.") from None


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, indent=2 if sys.stdout.isatty() else None, default=str))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns aligned by spaces; numbers to the right."""
    for line in table_lines(headings, rows):
        click.echo(line)


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a table, its headings first."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max(len(heading), *(len(row[i]) for row in cells)) if cells else len(heading)
        for i, heading in enumerate(headings)
    ]
    for line in [list(headings), *cells]:
        padded = [
            cell.rjust(width) if _is_number(cell) else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        yield "  ".join(padded).rstrip()


def _text(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):  # nothing that BILL's users typed may steer the terminal
        return "".join(c if c.isprintable() else "�" for c in cell)
    return str(cell)


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdecimal()


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all; TieoutError where it cannot be written."""
    try:
        folder.write_whole(path, content)
    except OSError as error:
        raise TieoutError(f"{path} cannot be written: {error.strerror}.") from None
