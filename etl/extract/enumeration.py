"""Reading all records of a list as a proof: what BILL listed, beside what is held."""

from dataclasses import dataclass
from datetime import datetime

from etl.extract.land import Lander
from etl.extract.notices import Notice
from etl.extract.plan import AMOUNTS, Step
from etl.warehouse.snapshot import Connection, roomy
from etl.warehouse.sqlfile import read_sql

__all__ = ["SHRUNKEN", "ZERO_ROWS", "Enumeration", "enumerated", "forget_listed", "incomplete"]

ZERO_ROWS, SHRUNKEN = "zero_rows", "shrunken_book"
MISSING_KEPT = 100
NAMED = 3  # in a sentence


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One full read that came to its end: distinct ids listed, records held then, how many of
    those were not listed, and the first of them."""

    resource: str
    listed: int
    held: int
    not_listed: int
    missing: tuple[str, ...]

    def notices(self) -> list[Notice]:
        """What a person must know of it: nothing where BILL listed all that is held."""
        if not self.not_listed:
            return []
        kind, sentence = self._zero_rows() if not self.listed else self._shrunken()
        return [Notice(self.resource, kind, ", ".join(self.missing), sentence)]

    def _zero_rows(self) -> tuple[str, str]:
        return ZERO_ROWS, (
            f"BILL listed no {self._plural} at all and {self.held:,} are held: they are kept. See "
            "in BILL whether its user may still read them, then run tieout sync --full."
        )

    def _shrunken(self) -> tuple[str, str]:
        first = ", ".join(self.missing[:NAMED]) + (", …" if self.not_listed > NAMED else "")
        return SHRUNKEN, (
            f"BILL listed {self.listed:,} {self._plural} and {self.held:,} are held: "
            f"{self.not_listed:,} of them ({first}) did not come. BILL deletes nothing, so they "
            "are kept; look for them in BILL, then run tieout sync --full."
        )

    @property
    def _plural(self) -> str:
        return self.resource.replace("_", " ")


def enumerated(lander: Lander, step: Step, at: datetime) -> Enumeration:
    """Notes that all records were listed; what was remembered for it is forgotten.

    To be called within a transaction.
    """
    name = step.resource.name
    facts = {
        "tenant": lander.tenant,
        "resource": name,
        "run_id": lander.run_id,
        "finished_at": at,
        "fields": list(AMOUNTS.get(name, ())),
        "kept": MISSING_KEPT,
    }
    with roomy(lander.connection):
        sql = read_sql("extract/sql/enumerated.sql")
        ((listed, held, not_listed, missing),) = lander.connection.execute(sql, facts).fetchall()
    forget_listed(lander.connection, step)
    return Enumeration(name, listed, held, not_listed, tuple(missing))


def forget_listed(connection: Connection, step: Step) -> None:
    """A full read begins anew: what an earlier one listed counts no more."""
    sql = read_sql("extract/sql/forget_listed.sql")
    connection.execute(sql, {"resource": step.resource.name}).fetchall()


def incomplete(connection: Connection) -> set[str]:
    """The resources whose newest full read did not list all that was held."""
    rows = connection.execute(read_sql("extract/sql/incomplete.sql")).fetchall()
    return {resource for (resource,) in rows}
