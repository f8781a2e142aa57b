"""Whether BILL tells the tenant's changes at once: its subscription, and what came of late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from etl.doctor.finding import Finding, State
from etl.doctor.webhooks import DAY, standing
from etl.operations.gate import Gate
from etl.store.access import Who
from etl.store.models import WebhookSubscription
from etl.store.webhook_events import Outcome, deliveries_since, waiting

__all__ = ["Told", "Webhooks"]


@dataclass(frozen=True, slots=True)
class Told:
    """`sentence`: how it is, as BILL said at `looked_at`, and what to do where it is not well.
    `came`: what came to the address in the last day, by what became of it; `unanswered`: events
    that no sync has read yet."""

    is_well: bool
    sentence: str
    url: str | None
    last_at: datetime | None
    looked_at: datetime | None
    came: Mapping[Outcome, int]
    unanswered: int


class Webhooks:
    """All of one tenant; neither its address's token nor its key is ever shown."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def told(self, who: Who, slug: str) -> Told:
        """How the webhooks are now."""
        grant, now = self._gate.admin(who, slug), self._gate.clock()
        with self._gate.store.read() as session:
            known = session.get(WebhookSubscription, grant.tenant_id)
            came = deliveries_since(session, grant.tenant_id, now - DAY)
            open_events = {each.tenant_id: each.events for each in waiting(session)}
        finding = standing(known, grant.tenant, came, now)
        return Told(
            is_well=finding.state is State.OK,
            sentence=_sentence(finding),
            url=known.url if known else None,
            last_at=known.seen_at if known else None,
            looked_at=known.looked_at if known else None,
            came=came,
            unanswered=open_events.get(grant.tenant_id, 0),
        )


def _sentence(finding: Finding) -> str:
    saw = finding.saw[:1].upper() + finding.saw[1:]
    return f"{saw}. To mend it: {finding.fix}." if finding.fix else f"{saw}."
