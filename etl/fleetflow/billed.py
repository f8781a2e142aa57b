"""Which lines of invoices name which loads."""

from collections.abc import Sequence

from etl.fleetflow.judging import BilledLine
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["billed_lines"]


def billed_lines(
    snapshot: Snapshot, names_load: str, numbers: Sequence[str]
) -> dict[str, list[BilledLine]]:
    """The lines of invoices that are not archived, by the load numbers they name."""
    asked = {"names_load": names_load, "numbers": list(numbers)}
    found: dict[str, list[BilledLine]] = {}
    for number, *line in snapshot.rows(read_sql("fleetflow/sql/billed_lines.sql"), asked):
        found.setdefault(number, []).append(BilledLine(*line))
    return found
