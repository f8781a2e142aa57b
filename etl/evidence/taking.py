"""Taking a pack: of one snapshot as it was published, and never without an entry that says so."""

from collections.abc import Callable
from datetime import datetime

from etl.errors import NoSnapshotError
from etl.evidence.pack import Pack, Taking, make_pack
from etl.explanations.explanation import Narrowing
from etl.metrics.figures import Question
from etl.reading import Reader
from etl.store import audit
from etl.store.access import Grant
from etl.store.engine import Store

__all__ = ["take"]


def take(
    reader: Reader,
    store: Store,
    grant: Grant,
    metric: str,
    question: Question,
    seq: int,
    narrowing: Narrowing,
    clock: Callable[[], datetime],
) -> Pack:
    """The pack of figures of a snapshot; NoSnapshotError where that is no longer held."""
    published = reader.published_as(grant, seq)
    if published is None:
        raise NoSnapshotError("What is to be proven is no longer there: sync again.")
    explanation = reader.explanation(grant, metric, question, seq, narrowing)
    with store.begin() as session:
        pack = make_pack(
            grant,
            explanation,
            published,
            snapshot_sha256=_digest(reader, grant, question, seq),
            taking=Taking(clock(), grant.user, audit.head(session)),
        )
        audit.append(
            session,
            at=clock(),
            actor=grant.user,
            what="evidence.taken",
            tenant=grant.tenant,
            detail={"metric": metric, "sha256": pack.sha256},
        )
    return pack


def _digest(reader: Reader, grant: Grant, question: Question, seq: int) -> str | None:
    """The snapshot's; None of what was known on a day, whose file is built anew when asked for."""
    return None if question.known_on else reader.file_digest(grant, seq)
