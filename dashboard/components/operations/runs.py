"""Runs: what each read, called and found; one under way is followed by itself."""

from typing import Any

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.errors import calm
from dashboard.components.operations import listing, remedies
from dashboard.display import label, plain, plural
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.store.models import Run

__all__ = ["show"]

COLUMNS = (
    Column("number", "count", "Run"),
    Column("status", "text", "Status"),
    Column("begun_by", "text", "Begun by"),
    Column("started", "text", "Started"),
    Column("seconds", "count", "Seconds"),
    Column("rows", "count", "Rows"),
    Column("calls", "count", "Calls"),
    Column("checks", "text", "Checks"),
    Column("error", "text", "What it says"),
)
CALLS = (
    Column("endpoint", "id", "Endpoint"),
    Column("calls", "count", "Calls"),
    Column("failed", "count", "Failed"),
    Column("taken", "text", "Seconds"),
    Column("size", "count", "Bytes"),
)
READ = (Column("resource", "text", "Resource"), Column("rows", "count", "Rows"))


def show(choice: Choice) -> None:
    """The newest runs, and one of them whole."""
    with calm():
        _ask(choice)
    _live(choice)


def _ask(choice: Choice) -> None:
    if st.button("Sync now", icon=":material/sync:"):
        run = desk().operations.ledger.sync_now(choice.who.user_id, choice.grant.tenant)
        st.success(f"Run {run} is asked for: tieout serve begins it within seconds.")


@st.fragment(run_every="3s")
def _live(choice: Choice) -> None:
    with calm():
        runs = desk().operations.ledger.runs(choice.who.user_id, choice.grant.tenant)
        rows = [_row(choice, run) for run in runs]
        listing.show("Runs", COLUMNS, rows, "No sync has begun yet: the back office begins one.")
        if runs:
            by_number = {run.id: run for run in runs}
            number = st.selectbox("Run", list(by_number), key="run-shown", width=160)
            _one(choice, by_number[number or runs[0].id])


def _row(choice: Choice, run: Run) -> dict[str, Any]:
    ended = run.finished_at or (desk().now() if run.status == "running" else None)
    return {
        "number": run.id,
        "status": run.status,
        "begun_by": label(run.trigger),
        "started": listing.at(choice, run.started_at),
        "seconds": int((ended - run.started_at).total_seconds()) if ended else None,
        "rows": sum(run.rows.values()),
        "calls": run.api_calls,
        "checks": _checks(run),
        "error": run.error,
    }


def _checks(run: Run) -> str:
    if run.checks is None:
        return ""
    found = sum(check["count"] for check in run.checks)
    return plural(found, "difference") if found else "Ties out"


def _one(choice: Choice, run: Run) -> None:
    calls = desk().operations.ledger.calls(choice.who.user_id, choice.grant.tenant, run)
    if run.status == "running":
        made = plural(sum(one.calls for one in calls), "call")
        st.info(f"Under way: {made} to BILL so far. Rows are counted when it ends.")
    remedies.show(f"run_{run.status}")
    for notice in run.notices or []:
        st.warning(plain(", ".join(f"{label(k)}: {v}" for k, v in notice.items())))
    read = [{"resource": label(name), "rows": rows} for name, rows in run.rows.items()]
    listing.show("Read by resource", READ, read, "Nothing was new.")
    asked = [
        {
            "endpoint": one.endpoint,
            "calls": one.calls,
            "failed": one.failed,
            "taken": f"{one.taken_s:.2f}",
            "size": one.size_bytes,
        }
        for one in calls
    ]
    listing.show("Calls to BILL", CALLS, asked, "No calls are kept: they are for thirty days.")
