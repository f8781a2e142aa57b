"""Four processes of four threads on one developer key."""

import time
from datetime import UTC, datetime
from pathlib import Path

from billcom.resources import CUSTOMERS
from etl.store.tenants import find_tenant
from tests.bench.figures import percentile, tell
from tests.bench.hammer import hammer, one_key, start

MINUTE_S = 60
PLENTY = 1_000_000


def run(folder: Path) -> None:
    """A minute of it; then budgets, equal parts, and a person behind the background."""
    _wait_for_room_in_the_hour()
    _a_minute(folder / "minute")
    _a_budget(folder / "budget")
    _parts(folder / "parts")
    _a_person(folder / "person")


def _wait_for_room_in_the_hour() -> None:
    now = datetime.now(UTC)
    left_s = 3600 - 60 * now.minute - now.second
    if left_s < 4 * MINUTE_S:  # a budget would be renewed midway
        time.sleep(left_s)


def _a_minute(folder: Path) -> None:
    with one_key(folder, ["cascade"], latency_ms=20) as (office, sandbox):
        seen = hammer(
            office,
            sandbox,
            ["cascade"],
            seconds=MINUTE_S,
            hourly_budget=PLENTY,
            key_hourly_budget=PLENTY,
        )
    tell("60 s: most in flight", str(seen.most_in_flight), "exactly 3")
    tell("60 s: calls refused by BILL (BDC_1322)", str(seen.refused_by_bill), "0")
    tell("60 s: calls; errors of callers", f"{seen.calls}; {dict(seen.errors)}", "no error")


def _a_budget(folder: Path) -> None:
    with one_key(folder, ["cascade"], latency_ms=5, per_hour=500) as (office, sandbox):
        seen = hammer(office, sandbox, ["cascade"], seconds=MINUTE_S, hourly_budget=500)
    tell("budget of 500: calls at BILL", str(seen.calls), "exactly 500")
    tell("budget of 500: refused by BILL (BDC_1144)", str(seen.refused_by_bill), "0")


def _parts(folder: Path) -> None:
    slugs = ["cascade", "prairie"]
    with one_key(folder, slugs, latency_ms=5) as (office, sandbox):
        seen = hammer(office, sandbox, slugs, seconds=MINUTE_S, key_hourly_budget=500)
    least = min(seen.passed.values()) / sum(seen.passed.values())
    tell("two tenants on one key: the smaller part", f"{least:.1%}", "at least 45 %")


def _a_person(folder: Path) -> None:
    with one_key(folder, ["cascade"], latency_ms=100) as (office, _sandbox):
        with office.store.read() as session:
            tenant = find_tenant(session, "cascade")
        background = start(str(folder), "cascade", 15, "background", {"hourly_budget": PLENTY})
        waits: list[float] = []
        while background.poll() is None:
            with office.client_of(tenant, lambda c: waits.append(c.waited_s), is_urgent=True) as c:
                next(c.pages(CUSTOMERS, page_size=1))
        background.communicate()
    figure = f"{percentile(waits, 50):.3f} / {max(waits):.3f}"
    tell(f"seconds a person waits, p50 / most of {len(waits)}", figure, "under 1 s")
