"""The circuit breaker."""

from datetime import UTC, datetime, timedelta

import pytest

from billcom import errors
from billcom.breaker import CLOSED, FIRST_PAUSE, LONGEST_PAUSE, Health, LocalBreaker, State, health

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def opened(time: Time) -> LocalBreaker:
    breaker = LocalBreaker(time)
    for _ in range(5):
        breaker.admit()
        breaker.settle(Health.FAILING)
    return breaker


def test_five_failures_in_a_row_open_it_and_callers_fail_at_once_with_the_time() -> None:
    breaker = opened(Time())
    with pytest.raises(errors.CircuitOpenError, match="tried again at 10:00:30 UTC") as caught:
        breaker.admit()
    assert caught.value.retry_at == NOW + FIRST_PAUSE
    assert caught.value.transient


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = LocalBreaker(Time())
    for said in [Health.FAILING] * 4 + [Health.WELL] + [Health.FAILING] * 4:
        breaker.admit()
        breaker.settle(said)
    assert breaker.circuit.state is State.CLOSED


def test_one_probe_goes_out_after_the_pause_and_its_success_closes() -> None:
    time = Time()
    breaker = opened(time)
    time.now += FIRST_PAUSE
    breaker.admit()
    with pytest.raises(errors.CircuitOpenError):
        breaker.admit()
    breaker.settle(Health.WELL)
    breaker.admit()
    assert breaker.circuit == CLOSED


def test_a_failed_probe_waits_twice_as_long_up_to_ten_minutes() -> None:
    time = Time()
    breaker = opened(time)
    pauses = []
    for _ in range(7):
        assert breaker.circuit.retry_at is not None
        pauses.append(breaker.circuit.retry_at - time.now)
        time.now = breaker.circuit.retry_at
        breaker.admit()
        breaker.settle(Health.FAILING)
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_probe_that_never_went_out_leaves_its_turn_to_the_next() -> None:
    time = Time()
    breaker = opened(time)
    time.now += FIRST_PAUSE
    breaker.admit()
    breaker.settle(Health.UNTRIED)
    breaker.admit()
    assert breaker.circuit.state is State.HALF_OPEN


def test_a_prober_that_died_blocks_for_two_minutes_only() -> None:
    time = Time()
    breaker = opened(time)
    time.now += FIRST_PAUSE
    breaker.admit()
    time.now += timedelta(minutes=2)
    breaker.admit()


def test_a_failure_that_was_under_way_does_not_open_it_twice() -> None:
    time = Time()
    breaker = opened(time)
    before = breaker.circuit
    breaker.settle(Health.FAILING)
    assert breaker.circuit == before


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, Health.WELL),
        (errors.ServerError("x"), Health.FAILING),
        (errors.UnreachableError("x"), Health.FAILING),
        (errors.OutcomeUnknownError("x"), Health.FAILING),
        (errors.ProtocolError("x"), Health.FAILING),
        (errors.BusinessError("x", errors.CallFacts(status=422)), Health.WELL),
        (errors.HourLimitError("x", errors.CallFacts(status=422)), Health.WELL),
        (errors.BudgetSpentError("x"), Health.UNTRIED),
    ],
)
def test_only_faults_and_broken_ways_count(error: errors.BillError | None, said: Health) -> None:
    assert health(error) is said
