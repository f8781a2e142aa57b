"""Alerts as letters to a tenant's administrators: once an alert, and not again and again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from etl.notices.words import one_line
from etl.store import alerts, letters, users
from etl.store.letters import Draft
from etl.store.models import Alert, Tenant

__all__ = ["ADVICE", "COOL_DOWN", "alert_facts", "drafts"]

# One that ends and comes back is told again only after this, if it is still open then.
COOL_DOWN = timedelta(hours=4)
READ_AGAIN = "Look in BILL whether its user still sees them; then run tieout sync --full."
# By the kind of alert, or what stands before its colon: what it is, and what to do about it.
ADVICE = {
    "circuit_open": (
        "BILL does not answer",
        "Calls go out again by themselves; if it lasts, look at BILL's status page.",
    ),
    "tie_out": (
        "Figures do not tie out to BILL",
        "Open the badge on any page, or run tieout tie-out: it names the documents.",
    ),
    "broken_field": (
        "BILL's records came without what figures need",
        "Look at the records in BILL; tieout runs --json lists what each run noticed.",
    ),
    "zero_rows": ("BILL listed none of the records held", READ_AGAIN),
    "shrunken_book": ("BILL listed fewer records than are held", READ_AGAIN),
    "rates_fetch_failed": (
        "Exchange rates were not fetched",
        "Do what the sentence says; the provider is asked again every day.",
    ),
    "rates_old": ("Exchange rates grew old", "Run tieout rates fetch, or tieout rates import."),
    "export": (
        "A scheduled export did not arrive",
        "Do what the sentence says; it is tried again by itself.",
    ),
    "billing_stopped": (
        "A billing schedule could not issue an invoice",
        "Do what the sentence says; tieout schedules preview shows what is due. It is tried again.",
    ),
    "sync_failed": (
        "BILL cannot be read",
        "Do what the sentence says: it does not pass by itself.",
    ),
    "sync_late": (
        "BILL was not read for too long",
        "See that tieout serve runs; tieout runs says how the last one went.",
    ),
    "limit_near": (
        "The calls of this hour are nearly spent",
        "Find out what calls so much: the section BILL of the page Operations shows it.",
    ),
    "webhook_disabled": (
        "BILL no longer tells of changes at once",
        "Do what the sentence says; until then changes show after the next regular sync.",
    ),
    "disk_low": (
        "The disk is nearly full",
        "Make room, or ask whoever runs the machine: a sync cannot publish on a full disk.",
    ),
}
USUAL_ADVICE = "Look at the page Operations, or run tieout doctor: it says what mends each fault."


def drafts(session: Session, at: datetime) -> Iterator[tuple[int, Draft]]:
    """A letter an open alert that was not told of yet, with its tenant; none while one of its kind
    was told lately, or while the tenant has no administrator."""
    for alert in alerts.open_alerts(session):
        if _is_told(session, alert) or _was_told_lately(session, alert, at):
            continue
        if to := users.administrators_of(session, alert.tenant_id):
            known = str(alert.id)
            yield (
                alert.tenant_id,
                Draft("alert", f"alert:{known}", tuple(to), ((known, 0),), about=alert.kind),
            )


def _is_told(session: Session, alert: Alert) -> bool:
    return bool(letters.told(session, alert.tenant_id, "alert", [str(alert.id)]))


def _was_told_lately(session: Session, alert: Alert, at: datetime) -> bool:
    last = letters.last_about(session, alert.tenant_id, alert.kind)
    return last is not None and last > at - COOL_DOWN


def alert_facts(tenant: Tenant, alert: Alert, public_url: str) -> dict[str, Any]:
    """What the template of an alert is given."""
    title, advice = ADVICE.get(_stem(alert.kind), (alert.kind.replace("_", " "), USUAL_ADVICE))
    since = alert.raised_at.astimezone(ZoneInfo(tenant.time_zone))
    return {
        "tenant": one_line(tenant.name),
        "title": title,
        "sentence": one_line(alert.sentence),
        "since": f"{since:%Y-%m-%d %H:%M} ({tenant.time_zone})",
        "advice": advice,
        "link": f"{public_url}/operations",
    }


def _stem(kind: str) -> str:
    """`export_7` and `zero_rows:invoices` are of the kinds before their number and colon."""
    stem = kind.partition(":")[0]
    return "export" if stem.startswith("export_") else stem
