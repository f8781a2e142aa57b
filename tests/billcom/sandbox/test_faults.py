import pytest

from billcom.sandbox.faults import KINDS, Fault, FaultError, Faults


def kinds(faults: Faults, method: str = "GET", path: str = "/v3/invoices") -> list[str]:
    return [fault.kind for fault in faults.draw(method, path)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_put_in_force(kind: str) -> None:
    faults = Faults()
    fault_id = faults.add(Fault(kind))
    assert [active.id for active in faults.list()] == [fault_id]


def test_a_fault_hits_only_calls_of_its_method_and_path() -> None:
    faults = Faults(Fault("reset", path="/v3/invoices", method="POST"))
    assert kinds(faults, "POST", "/v3/invoices/record-payment") == ["reset"]
    assert kinds(faults, "GET", "/v3/invoices") == []
    assert kinds(faults, "POST", "/v3/customers") == []


def test_it_skips_first_and_ends_after_its_count() -> None:
    faults = Faults(Fault("status", skip=1, count=2))
    assert [kinds(faults) for _ in range(4)] == [[], ["status"], ["status"], []]
    (active,) = faults.list()
    assert (active.seen, active.fired, active.is_spent) == (4, 2, True)


def test_its_rate_is_drawn_from_the_seed() -> None:
    draws = [[bool(kinds(faults)) for _ in range(200)] for faults in (rated(1), rated(1), rated(2))]
    assert draws[0] == draws[1] != draws[2]
    assert 30 < sum(draws[0]) < 70


def rated(seed: int) -> Faults:
    return Faults(Fault("empty", rate=0.25), seed=seed)


def test_mild_faults_join_another_and_two_others_do_not_meet() -> None:
    faults = Faults(Fault("slow"), Fault("clock_skew"), Fault("status"), Fault("reset"))
    assert kinds(faults) == ["slow", "clock_skew", "status"]


def test_calls_and_webhooks_have_faults_of_their_own() -> None:
    faults = Faults(Fault("status"), Fault("webhook_drop", path=r"invoice\.updated"))
    assert kinds(faults) == ["status"]
    assert [fault.kind for fault in faults.draw_webhook("invoice.updated")] == ["webhook_drop"]
    assert faults.draw_webhook("invoice.created") == ()


def test_a_fault_can_be_ended_and_all_of_them_too() -> None:
    faults = Faults(Fault("status"), Fault("reset"))
    faults.remove(faults.list()[0].id)
    assert kinds(faults) == ["reset"]
    faults.clear()
    assert faults.list() == ()
    with pytest.raises(KeyError):
        faults.remove(1)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kind": "flood"}, "There is no fault 'flood'"),
        ({"path": "("}, "not a regular expression"),
        ({"rate": 1.5}, "between 0 and 1"),
        ({"skip": -1}, "not negative"),
        ({"count": -1}, "not negative"),
        ({"delay_s": -1.0}, "delay_s is not negative"),
        ({"status": 99}, "from 200 to 599"),
        ({"when": "never"}, "before or after"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(FaultError, match=sentence):
        Fault(**{"kind": "status", **settings})  # type: ignore[arg-type]
