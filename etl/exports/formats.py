"""The formats an export may have, and one way to make any of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from etl.errors import UsageError
from etl.exports.csv_file import csv_file
from etl.exports.facts import facts_of, known_facts, sha256_of
from etl.exports.parquet_file import parquet_file
from etl.metrics.figures import Figures
from etl.reading import Published
from etl.store.access import Grant

__all__ = [
    "FORMATS",
    "PDF",
    "Export",
    "checked_format",
    "file_name",
    "format_of",
    "make_export",
    "sealed",
]

# What each is served as.
PDF = "application/pdf"
FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def _workbook(grant: Grant, figures: Figures, facts: Mapping[str, Any]) -> bytes:
    from etl.exports.workbook import workbook  # noqa: PLC0415 - loading its library takes 0.06 s

    return workbook(grant, figures, facts)


# CSV is not here: it is made first, as its hash stands in the others.
MAKERS: Mapping[str, Callable[[Grant, Figures, Mapping[str, Any]], bytes]] = {
    "xlsx": _workbook,
    "parquet": parquet_file,
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file's content and what its side file says of it.

    `sha256` among the facts is that of the content, `csv_sha256` that of the same figures as CSV.
    """

    content: bytes
    facts: dict[str, Any]

    @property
    def facts_json(self) -> str:
        """The side file."""
        return json.dumps(self.facts, indent=2) + "\n"


def make_export(
    grant: Grant,
    figures: Figures,
    published: Published,
    *,
    format_: str = "csv",
    line_end: str = "\r\n",
    with_bom: bool = False,
) -> Export:
    """A metric's figures as a file: the same figures of a snapshot are always the same bytes."""
    as_csv = csv_file(grant, figures, line_end=line_end, with_bom=with_bom)
    facts = facts_of(grant, figures, published) | {"format": checked_format(format_)}
    if format_ == "csv":
        return sealed(as_csv, facts)
    facts["csv_sha256"] = sha256_of(as_csv)
    return sealed(MAKERS[format_](grant, figures, facts), facts)


def sealed(content: bytes, facts: dict[str, Any]) -> Export:
    """A file with its size and hash among what is said of it."""
    return Export(content, facts | {"size_bytes": len(content), "sha256": sha256_of(content)})


def checked_format(format_: str) -> str:
    """The format itself; UsageError for one there is not."""
    if format_ not in FORMATS:
        raise UsageError(f"There is no format “{format_}”: choose {', '.join(FORMATS)}.")
    return format_


def format_of(name: str) -> str:
    """The format that a file's ending names, CSV where it names none."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    return ending if ending in {*FORMATS, "pdf"} else "csv"


def file_name(grant: Grant, figures: Figures, format_: str = "csv") -> str:
    """A name for the file: tenant, metric and day, nothing that a person typed."""
    known = "".join(f"-known-{day}" for day in known_facts(figures.question).values())
    return f"{grant.tenant}-{figures.metric.name}-{figures.as_of.isoformat()}{known}.{format_}"
