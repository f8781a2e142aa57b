"""The audit trail of a tenant: searched, verified, and taken as CSV."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.exports import csv_of_records
from etl.metrics.figures import Column
from etl.operations.gate import Gate
from etl.store import audit
from etl.store.access import Who
from etl.store.audit_search import Wanted, count_entries, find_entries
from etl.store.models import AuditEntry

__all__ = ["COLUMNS", "Entry", "Trail", "TrailPage", "Verdict"]

PAGE_ROWS = 50
COLUMNS = (
    Column("entry", "count", "Entry"),
    Column("at", "date", "When"),
    Column("actor", "text", "Who"),
    Column("what", "text", "What"),
    Column("detail", "text", "About"),
    Column("hash", "id", "Hash"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `detail` is its facts in a line."""

    entry: int
    at: datetime
    actor: str
    what: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of what was found; `total` is how much was, on `pages` pages."""

    entries: Sequence[Entry]
    total: int
    pages: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the whole installation's chain of entries holds; `broken_at` is the first that does
    not."""

    entries: int
    broken_at: int | None


class Trail:
    """Entries of the tenant, and its members' own of no tenant."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def find(self, who: Who, slug: str, wanted: Wanted, page: int = 1) -> TrailPage:
        """One page of the entries that are wanted, the newest first; `page` counts from 1."""
        grant = self._gate.admin(who, slug)
        offset = (max(page, 1) - 1) * PAGE_ROWS
        with self._gate.store.read() as session:
            total = count_entries(session, grant.tenant_id, wanted)
            found = find_entries(session, grant.tenant_id, wanted, limit=PAGE_ROWS, offset=offset)
            entries = [_entry(one) for one in found]
        return TrailPage(entries, total, max(1, -(-total // PAGE_ROWS)))

    def verify(self, who: Who, slug: str) -> Verdict:
        """Computes every hash anew; that it was asked is an entry as well."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            verdict = Verdict(audit.count(session), audit.first_break(session))
        facts = {"entries": verdict.entries, "broken_at": verdict.broken_at}
        self._note(grant.user, grant.tenant, "audit.verified", facts)
        return verdict

    def export(self, who: Who, slug: str, wanted: Wanted) -> bytes:
        """All entries that are wanted as CSV; that it was taken is audited."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            entries = [_entry(one) for one in find_entries(session, grant.tenant_id, wanted)]
        names = [column.name for column in COLUMNS]
        content = csv_of_records(COLUMNS, [{n: getattr(one, n) for n in names} for one in entries])
        facts = {"metric": "audit trail", "sha256": hashlib.sha256(content).hexdigest()}
        self._note(grant.user, grant.tenant, "export.taken", facts)
        return content

    def _note(self, actor: str, tenant: str, what: str, facts: dict[str, Any]) -> None:
        with self._gate.store.begin() as session:
            audit.append(
                session, at=self._gate.clock(), actor=actor, what=what, tenant=tenant, detail=facts
            )


def _entry(kept: AuditEntry) -> Entry:
    about = ", ".join(f"{name} {_plain(value)}" for name, value in kept.detail.items())
    return Entry(kept.id, kept.at, kept.actor, kept.what, about, kept.hash)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items()) or "as usual"
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return "none" if value is None else str(value)
