"""How a tenant stands: limits, circuit, alerts, its last run."""

from datetime import datetime, timedelta

from billcom import errors as bill_errors
from billcom.admission import Allowance
from billcom.breaker import State as Circuit
from etl.doctor.finding import Finding, failed, ok, warning
from etl.doctor.visit import Visit
from etl.store import alerts, runs
from etl.store.models import CircuitRow, Run
from etl.warehouse.places import folder_of

__all__ = ["circuit", "freshness", "last_run", "limits", "open_alerts"]

SCARCE = 0.1
LATE_AT_LEAST = timedelta(hours=1)


def limits(visit: Visit) -> Finding:
    """What the clock hour has left, of the tenant's calls, the key's calls and its sign-ins."""
    throttle = visit.office.throttle_of(visit.tenant, visit.credentials, is_urgent=True)
    desk, at = throttle.desk.look(), visit.now.timestamp()
    allowed: Allowance = throttle.allowance
    left = {
        "calls of the tenant": (desk.calls_of(str(visit.tenant.id), at), allowed.tenant_calls),
        "calls of the key": (desk.calls(at), allowed.key_calls),
        "sign-ins of the key": (desk.sign_ins(at), allowed.key_logins),
    }
    said = ", ".join(f"{most - used:,} of {most:,} {what}" for what, (used, most) in left.items())
    said += f" left until {_next_hour(visit.now):%H:%M} UTC"
    if any(used >= most for used, most in left.values()):
        return failed(
            said, "wait for the full hour; or raise TIEOUT_HOURLY_BUDGET if BILL's allows"
        )
    if any(most - used < most * SCARCE for used, most in left.values()):
        return warning(said, "find out what calls so much: tieout runs; who else uses the key")
    return ok(said)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def circuit(visit: Visit) -> Finding:
    """Whether calls are let out, or BILL is left alone after failures."""
    with visit.office.store.read() as session:
        row = session.get(CircuitRow, (visit.tenant.id, visit.tenant.base_url))
    if row is None or row.state == Circuit.CLOSED:
        return ok("closed: calls go out")
    at = f"{row.retry_at:%H:%M:%S} UTC" if row.retry_at else "the next call"
    said = f"{row.state.replace('_', ' ')} after {row.failures} failures in a row"
    if row.retry_at and row.retry_at > visit.now:
        return failed(f"{said}: nothing goes out before {at}", f"wait until {at}, then look again")
    return warning(said, "the next call finds out whether BILL is well again")


def open_alerts(visit: Visit) -> Finding:
    """What administrators were told and is not over."""
    with visit.office.store.read() as session:
        mine = [a for a in alerts.open_alerts(session) if a.tenant_id == visit.tenant.id]
    if not mine:
        return ok("none")
    said = " ".join(alert.sentence for alert in mine)
    return warning(
        f"{len(mine)} open: {said}", "do what it says; it ends by itself when it is over"
    )


def last_run(visit: Visit) -> Finding:
    """How the newest run ended."""
    with visit.office.store.read() as session:
        newest = next(iter(runs.recent_runs(session, visit.tenant.id, limit=1)), None)
    if newest is None:
        return warning("never synced", f"tieout sync {visit.tenant.slug}, or keep tieout serve up")
    said = f"run {newest.id} {newest.status}"
    if newest.status == "failed":
        return failed(f"{said}: {newest.error}", _mends(newest, visit.tenant.slug))
    if newest.status == "pending":
        return warning(f"{said}: {newest.error}", "nothing: it goes on by itself")
    if newest.status == "stale":
        return warning(f"{said}: {newest.error}", f"tieout sync {visit.tenant.slug} goes on there")
    return ok(said)


def _mends(run: Run, slug: str) -> str:
    kind = getattr(bill_errors, run.error_kind or "", None)
    advice = str(getattr(kind, "advice", "do what it says"))
    return f"{advice}; then tieout sync {slug}"


def freshness(visit: Visit) -> Finding:
    """Whether what pages show is there, and young."""
    slug, settings = visit.tenant.slug, visit.office.settings
    with visit.office.store.read() as session:
        shown = runs.current_snapshot(session, visit.tenant.id)
        success = runs.last_success(session, visit.tenant.id)
    if shown is None:
        return warning("nothing is published yet", f"tieout sync {slug}, or keep tieout serve up")
    if not folder_of(settings, slug).snapshot(shown.seq).exists():
        return failed(f"the file of snapshot {shown.seq} is gone", f"tieout sync {slug}")
    read_at = (success and success.finished_at) or shown.published_at
    age = visit.now - read_at
    said = f"BILL was read to the end {_spoken(age)} ago"
    if age > max(LATE_AT_LEAST, 3 * timedelta(seconds=settings.sync_every_s)):
        return warning(said, f"keep tieout serve running, or tieout sync {slug}")
    return ok(said)


def _spoken(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
