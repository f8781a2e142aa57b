"""Numbers of days, or of anything else there are few of, as people type them."""

from etl.errors import UsageError

__all__ = ["as_count", "as_edges"]


def as_count(text: str | None, of: str = "days") -> int | None:
    """A whole number up to 3650; UsageError, naming what is counted, for anything else."""
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or int(text) > 3650:
        raise UsageError(f"“{text}” is not a number of {of} from 0 to 3650.")
    return int(text)


def as_edges(text: str | None) -> tuple[int, ...] | None:
    """Days given as 30,60,90; UsageError where they are no whole numbers."""
    if text is None:
        return None
    return tuple(as_count(part.strip()) or 0 for part in text.split(","))
