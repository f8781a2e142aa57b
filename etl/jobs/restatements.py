"""What changed of a closed month since: the documents, and the figures they moved."""

from dataclasses import dataclass
from typing import Any

from etl.jobs.month_figures import FIGURES, figures_again
from etl.metrics.figures import Figures, Question
from etl.metrics.periods import month_named
from etl.metrics.restated import RESTATED_FIGURES, moves, restated_documents
from etl.reading import Reader
from etl.store.access import Grant
from etl.store.models import Close

__all__ = ["Restatement", "documents_since", "figures_since", "restatement_of"]


@dataclass(frozen=True, slots=True)
class Restatement:
    """A closed month beside what is known now; both lists are empty where nothing changed."""

    close: Close
    documents: Figures
    figures: Figures

    @property
    def is_restated(self) -> bool:
        """Whether anything of the month is not as it was closed."""
        return bool(self.documents.rows or self.figures.rows)

    def as_json(self) -> dict[str, Any]:
        """As `tieout restatements --json` prints it, under the tenant's name."""
        return {
            "month": self.close.month,
            "closed_at": self.close.closed_at.isoformat(timespec="seconds"),
            "snapshot_then": self.close.seq,
            "snapshot_now": self.documents.snapshot,
            "is_restated": self.is_restated,
            "documents": self.documents.texts(),
            "figures": self.figures.texts(),
        }


def restatement_of(reader: Reader, grant: Grant, close: Close, seq: int) -> Restatement:
    """A close beside one of the tenant's snapshots.

    The effects of the documents add up, a currency, to what the month's receivables, invoiced and
    collected amounts moved by.
    """
    documents = documents_since(reader, grant, close, seq)
    return Restatement(close, documents, figures_since(reader, grant, close, seq))


def documents_since(reader: Reader, grant: Grant, close: Close, seq: int) -> Figures:
    """The documents of a closed month that are not what they were."""
    return restated_documents(reader.compared(grant, close.seq, seq), _question(close))


def _question(close: Close) -> Question:
    month = month_named(close.month)
    return Question(as_of=month.last, from_on=month.first)


def figures_since(reader: Reader, grant: Grant, close: Close, seq: int) -> Figures:
    """The kept figures of a closed month that would be others now."""
    rows: list[tuple[Any, ...]] = []
    for name, kept in close.figures["figures"].items():
        now = figures_again(reader, grant, close, name, seq)
        rows += moves(now, kept["rows"], FIGURES[name])
    return Figures(RESTATED_FIGURES, _question(close), seq, tuple(rows), len(rows))
