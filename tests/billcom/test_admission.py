"""Who may call next: the desk of a developer key, without a store and without time passing."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billcom.admission import ACTIVE_S, AGED_S, LEASE_S, PATIENCE_S, Allowance, Caller, Desk
from billcom.errors import BudgetSpentError, LoginLimitError

HOUR = 1_763_935_200.0  # a full hour
NOW = HOUR + 600
TEN = Allowance(tenant_calls=10)


def caller(name: str, tenant: str = "1", **more: bool) -> Caller:
    return Caller(name, tenant, more.pop("lane", "org"), **more)  # type: ignore[arg-type]


def test_three_hold_a_place_and_the_fourth_waits_until_one_leaves() -> None:
    desk = Desk()
    assert [desk.take(caller(n), TEN, NOW) for n in "abcd"] == [True, True, True, False]
    assert not desk.may_go(caller("d"), TEN, NOW)
    desk.leave("b")
    assert desk.may_go(caller("d"), TEN, NOW)
    assert desk.take(caller("d"), TEN, NOW)


def test_organizations_have_places_of_their_own() -> None:
    desk = Desk()
    for name in "abc":
        desk.take(caller(name), TEN, NOW)
    assert desk.take(Caller("d", "2", "another org"), TEN, NOW)


def test_a_person_goes_before_the_background_and_finds_a_place_kept() -> None:
    desk = Desk()
    background = [desk.take(caller(n, is_urgent=False), TEN, NOW) for n in "abc"]
    assert background == [True, True, False]
    assert desk.take(caller("person"), TEN, NOW)
    assert not desk.take(caller("another"), TEN, NOW)
    desk.leave("a")
    assert not desk.may_go(caller("c", is_urgent=False), TEN, NOW)
    assert desk.take(caller("another"), TEN, NOW)


def test_who_waited_long_enough_goes_before_a_person_that_came_later() -> None:
    desk = Desk()
    for name in "abc":
        desk.take(caller(name), TEN, NOW)
    late = NOW
    while late < NOW + AGED_S + 1:  # it goes on being heard of
        desk.take(caller("old", is_urgent=False), TEN, late)
        late += 1
    desk.take(caller("new"), TEN, late)
    desk.leave("a")
    desk.leave("b")
    assert desk.may_go(caller("old", is_urgent=False), TEN, late)


def test_the_background_is_served_in_the_end_however_many_people_come() -> None:
    desk, late = Desk(), NOW
    for name in "ab":
        desk.take(caller(name), TEN, NOW)
    while late < NOW + AGED_S:
        assert not desk.take(caller("sync", is_urgent=False), TEN, late)
        late += 1
    assert desk.take(caller("sync", is_urgent=False), TEN, late)


def test_a_machine_a_few_seconds_behind_at_the_turn_of_the_hour_wipes_no_count() -> None:
    desk = Desk()
    for n in range(10):
        desk.take(caller(str(n), is_login=True), TEN, HOUR + 1)
        desk.leave(str(n))
    with pytest.raises(BudgetSpentError):
        desk.take(caller("behind"), TEN, HOUR - 5)
    assert desk.calls_of("1", HOUR - 5) == desk.sign_ins(HOUR - 5) == 10
    assert desk.calls(HOUR + 3600) == 0


def test_a_place_comes_back_from_a_process_that_died() -> None:
    desk = Desk()
    for name in "abc":
        desk.take(caller(name), TEN, NOW)
    assert desk.take(caller("d"), TEN, NOW + LEASE_S)


def test_one_that_waits_and_is_not_heard_of_holds_nobody_up() -> None:
    desk = Desk()
    for name in "abc":
        desk.take(caller(name), TEN, NOW)
    desk.take(caller("gone"), TEN, NOW)
    desk.leave("a")
    assert not desk.may_go(caller("next", is_urgent=False), TEN, NOW + 1)
    assert desk.may_go(caller("next"), TEN, NOW + PATIENCE_S)


def test_the_budget_of_a_tenant_is_spent_exactly_and_renewed_with_the_hour() -> None:
    desk = Desk()
    for n in range(10):
        assert desk.take(caller(str(n)), TEN, NOW)
        desk.leave(str(n))
    with pytest.raises(BudgetSpentError, match=r"budget of 10 calls .* renewed at 23:00 UTC") as e:
        desk.take(caller("x"), TEN, NOW)
    assert e.value.retry_at is not None
    assert e.value.retry_at.timestamp() == HOUR + 3600
    assert desk.take(caller("x"), TEN, HOUR + 3600)
    assert desk.calls_of("1", HOUR + 3600) == 1
    assert desk.calls_of("1", HOUR + 7200) == 0


def test_the_background_leaves_something_for_people() -> None:
    desk, hundred = Desk(), Allowance(tenant_calls=100)
    for n in range(95):
        desk.take(caller(str(n), is_urgent=False), hundred, NOW)
        desk.leave(str(n))
    with pytest.raises(BudgetSpentError, match="95"):
        desk.take(caller("x", is_urgent=False), hundred, NOW)
    assert desk.take(caller("person"), hundred, NOW)


def test_sign_ins_have_a_budget_of_their_own() -> None:
    desk, two = Desk(), Allowance(key_logins=2)
    for n in "ab":
        assert desk.take(caller(n, is_login=True), two, NOW)
        desk.leave(n)
    with pytest.raises(LoginLimitError, match="2 sign-ins"):
        desk.take(caller("c", is_login=True), two, NOW)
    assert desk.take(caller("c"), two, NOW)


def spend(desk: Desk, allowance: Allowance, tenants: list[str]) -> Counter[str]:
    passed: Counter[str] = Counter()
    for number, tenant in enumerate(tenants):
        try:
            desk.take(Caller(str(number), tenant, tenant), allowance, NOW)
        except BudgetSpentError:
            continue
        desk.leave(str(number))
        passed[tenant] += 1
    return passed


def test_tenants_of_one_key_get_equal_parts_however_greedy_one_is() -> None:
    allowance = Allowance(key_calls=500)
    passed = spend(Desk(), allowance, ["greedy", "greedy", "greedy", "modest"] * 400)
    assert passed == {"greedy": 250, "modest": 250}


def test_a_tenant_that_is_not_at_work_leaves_its_part_to_the_others() -> None:
    desk, allowance = Desk(), Allowance(key_calls=100)
    spend(desk, allowance, ["idle"])
    desk.spent["idle"].latest = NOW - ACTIVE_S
    assert spend(desk, allowance, ["busy"] * 200) == {"busy": 99}


def test_two_tenants_that_share_an_organization_take_turns() -> None:
    desk = Desk()
    waiting = [caller(f"a{n}", "a") for n in range(12)] + [caller(f"b{n}", "b") for n in range(4)]
    served: Counter[str] = Counter()
    while served["b"] < 4:
        for one in list(waiting):
            if desk.take(one, Allowance(), NOW):
                waiting.remove(one)
                served[one.tenant] += 1
        desk.leave(next(iter(desk.held)))
    assert served["a"] <= 8


def test_what_is_kept_is_the_same_desk() -> None:
    desk = Desk()
    for name in "abcd":
        desk.take(caller(name), TEN, NOW)
    assert Desk.from_json(desk.as_json()) == desk


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=60))
def test_never_are_more_than_three_in_flight_nor_more_than_the_budget_spent(
    steps: list[tuple[str, bool, bool]],
) -> None:
    desk, allowance, passed = Desk(), Allowance(tenant_calls=20), 0
    for name, arrives, urgent in steps:
        if not arrives:
            desk.leave(name)
        elif name not in desk.held:
            try:
                passed += desk.take(caller(name, is_urgent=urgent), allowance, NOW)
            except BudgetSpentError:
                continue
        assert len(desk.held) <= 3
        assert not set(desk.held) & set(desk.waiting)
    assert passed == desk.calls_of("1", NOW) <= 20
