"""A tenant's own words for its letters: as they are, how they would read, and kept."""

from dataclasses import dataclass
from datetime import datetime

from etl.errors import UsageError
from etl.notices.own_words import OwnWords, checked, shown, usual
from etl.notices.words import Words
from etl.operations.gate import Gate
from etl.reading import today_of
from etl.store import letter_words
from etl.store.access import Who
from etl.store.letters import KINDS

__all__ = ["Wording", "Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a kind that are used; `version` is the last there was, `set_by` and `set_at` who
    wrote them and when, empty where they are Tieout's own."""

    kind: str
    words: OwnWords
    version: int
    set_by: str = ""
    set_at: datetime | None = None


class Wording:
    """What `tieout notices template` tells and changes."""

    kinds = KINDS

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def written(self, who: Who, slug: str, kind: str) -> Written:
        """The words as they are."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            row = letter_words.newest(session, grant.tenant_id, _known(kind))
        version = row.version if row else 0
        if row is None or not row.text:
            return Written(kind, usual(kind), version)
        return Written(kind, OwnWords(row.subject, row.text), version, row.set_by, row.set_at)

    def preview(self, who: Who, slug: str, kind: str, words: OwnWords) -> Words:
        """How a letter to an invented customer would read; UsageError for what cannot be kept."""
        grant = self._gate.admin(who, slug)
        return shown(grant, _known(kind), words, today_of(grant, self._gate.clock()))

    def keep(self, who: Who, slug: str, kind: str, words: OwnWords, seen: int) -> None:
        """Uses words from now on; UsageError as `preview`, or where others changed them since the
        version that was `seen`."""
        grant = self._gate.admin(who, slug)
        at = self._gate.clock()
        clean = checked(grant, _known(kind), words, today_of(grant, at))
        with self._gate.store.begin() as session:
            letter_words.keep(session, grant, kind, clean.subject, clean.text, at=at, seen=seen)

    def reset(self, who: Who, slug: str, kind: str, seen: int) -> None:
        """Uses Tieout's own again; UsageError as `keep`, or where they are used."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.begin() as session:
            letter_words.reset(session, grant, _known(kind), at=self._gate.clock(), seen=seen)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise UsageError(f"There are no letters “{kind[:40]}”: choose {', '.join(KINDS)}.")
    return kind
