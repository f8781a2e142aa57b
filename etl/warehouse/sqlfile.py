"""SQL lives in files; this reads them."""

from functools import cache
from pathlib import Path

__all__ = ["ordered_sql", "read_sql"]

ROOT = Path(__file__).resolve().parent.parent


@cache
def read_sql(path: str) -> str:
    """The text of an SQL file, its path given from `etl/`."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def ordered_sql(folder: str) -> tuple[tuple[str, str], ...]:
    """Name and text of every SQL file of a folder, in the order of their names."""
    files = sorted((ROOT / folder).glob("*.sql"))
    return tuple((file.stem, file.read_text(encoding="utf-8")) for file in files)
