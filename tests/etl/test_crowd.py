"""Several processes on one developer key; `make bench` does the same for a whole minute."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bench.hammer import hammer, one_key


@pytest.fixture
def one_hour() -> None:
    """Budgets are of the clock hour: they would be renewed midway at its end."""
    now = datetime.now(UTC)
    left_s = 3600 - 60 * now.minute - now.second
    if left_s < 90:
        pytest.skip("the hour is nearly over")


def test_sixteen_threads_of_four_processes_are_three_in_flight_and_never_refused(
    tmp_path: Path,
) -> None:
    with one_key(tmp_path, ["cascade"], latency_ms=20) as (office, sandbox):
        seen = hammer(office, sandbox, ["cascade"], seconds=4, hourly_budget=10_000)
    assert seen.errors == {}
    assert seen.refused_by_bill == 0
    assert seen.most_in_flight == 3
    assert seen.passed["cascade"]


@pytest.mark.usefixtures("one_hour")
def test_a_budget_is_spent_to_the_call_by_processes_that_compete(tmp_path: Path) -> None:
    with one_key(tmp_path, ["cascade"], latency_ms=5, per_hour=200) as (office, sandbox):
        seen = hammer(office, sandbox, ["cascade"], seconds=60, hourly_budget=150)
    assert seen.calls == 150
    assert seen.refused_by_bill == 0
    assert seen.errors == {"BudgetSpentError": 16}


@pytest.mark.usefixtures("one_hour")
def test_two_tenants_of_one_key_get_equal_parts(tmp_path: Path) -> None:
    slugs = ["cascade", "prairie"]
    with one_key(tmp_path, slugs, latency_ms=5) as (office, sandbox):
        seen = hammer(office, sandbox, slugs, seconds=60, key_hourly_budget=200)
    share = {slug: passed / sum(seen.passed.values()) for slug, passed in seen.passed.items()}
    assert min(share.values()) >= 0.45, seen
