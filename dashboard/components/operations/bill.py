"""The way to BILL: what is left of the hour, circuits, latencies, errors, alerts."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.errors import calm
from dashboard.components.operations import listing, remedies, webhooks
from dashboard.display import label, plain
from dashboard.reads import desk
from etl.metrics.figures import Column

__all__ = ["show"]

LATENCIES = (
    Column("endpoint", "id", "Endpoint"),
    Column("calls", "count", "Calls"),
    Column("failed", "count", "Failed"),
    Column("p50", "text", "Half within, s"),
    Column("p95", "text", "95% within, s"),
    Column("p99", "text", "99% within, s"),
)
ERRORS = (
    Column("error", "id", "Class"),
    Column("codes", "id", "BILL's codes"),
    Column("calls", "count", "Calls"),
    Column("latest", "text", "Latest"),
)
CIRCUITS = (
    Column("host", "id", "Host"),
    Column("circuit", "text", "Circuit"),
    Column("failures", "count", "Failures"),
    Column("changed", "text", "Since"),
    Column("retry", "text", "Tried again"),
)
ALERTS = (
    Column("raised", "text", "Raised"),
    Column("over", "text", "Over"),
    Column("kind", "text", "Kind"),
    Column("sentence", "text", "What it says"),
    Column("remedy", "text", "What to do"),
)


def show(choice: Choice) -> None:
    """Each part may fail alone."""
    for part in (_limits, _alerts, webhooks.show, _circuits, _latencies, _errors):
        with calm():
            part(choice)


def _limits(choice: Choice) -> None:
    found = desk().operations.health.limits(choice.who.user_id, choice.grant.tenant)
    with st.container(border=True):
        st.subheader("This hour", anchor=False)
        for name, used, most in (
            ("Calls of this tenant", found.tenant_calls, found.tenant_most),
            ("Calls with its developer key", found.key_calls, found.key_most),
            ("Sign-ins with its developer key", found.sign_ins, found.sign_ins_most),
            ("Under way for its organization", found.in_flight, found.places),
        ):
            st.progress(min(100 * used // most, 100), f"{name}: {used:,} of {most:,}")
        waits = f"{found.waiting:,} waiting. " if found.waiting else ""
        st.caption(plain(f"{waits}Renewed at {listing.at(choice, found.renewed_at)}."))
        if found.is_near:
            remedies.show("limit_near")


def _alerts(choice: Choice) -> None:
    found = desk().operations.health.alerts(choice.who.user_id, choice.grant.tenant)
    rows = [
        {
            "raised": listing.at(choice, alert.raised_at),
            "over": listing.at(choice, alert.cleared_at) or "Still open",
            "kind": label(alert.kind),
            "sentence": alert.sentence,
            "remedy": "" if alert.cleared_at else remedies.LINES.get(alert.kind, ""),
        }
        for alert in found
    ]
    listing.show("Alerts", ALERTS, rows, "Nothing needed to be told.")


def _circuits(choice: Choice) -> None:
    found = desk().operations.health.circuits(choice.who.user_id, choice.grant.tenant)
    rows = [
        {
            "host": row.host,
            "circuit": label(row.state),
            "failures": row.failures,
            "changed": listing.at(choice, row.changed_at),
            "retry": listing.at(choice, row.retry_at),
        }
        for row in found
    ]
    if any(row.state != "closed" for row in found):
        remedies.show("circuit_open")
    listing.show("Circuits", CIRCUITS, rows, "Every circuit is closed: calls to BILL go through.")


def _latencies(choice: Choice) -> None:
    found = desk().operations.health.latencies(choice.who.user_id, choice.grant.tenant)
    rows = [
        {
            "endpoint": one.endpoint,
            "calls": one.calls,
            "failed": one.failed,
            "p50": f"{one.p50_s:.3f}",
            "p95": f"{one.p95_s:.3f}",
            "p99": f"{one.p99_s:.3f}",
        }
        for one in found
    ]
    listing.show("Calls of the last 24 hours", LATENCIES, rows, "BILL was not called.")


def _errors(choice: Choice) -> None:
    found = desk().operations.health.errors(choice.who.user_id, choice.grant.tenant)
    rows = [
        {
            "error": one.error,
            "codes": one.codes,
            "calls": one.calls,
            "latest": listing.at(choice, one.latest_at),
        }
        for one in found
    ]
    listing.show("Errors of the last 24 hours", ERRORS, rows, "No call failed.")
