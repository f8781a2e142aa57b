"""Steps of reminders: when one is due, which, and whether it is worth a letter."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from etl.billing.dunning import Campaign, Owed, reminders, step_due
from etl.errors import UsageError
from etl.notices.ways import as_hours, as_steps

DUE = date(2026, 3, 31)
CAMPAIGN = Campaign((-3, 1, 7, 14), (), date(2026, 1, 1))


def owed(invoice_id: str, amount: str, *, of: str = "C1", **more: str) -> Owed:
    return Owed(of, invoice_id, invoice_id, more.get("currency", "USD"), DUE, Decimal(amount))


@pytest.mark.parametrize(
    ("days", "step"), [(-4, None), (-3, -3), (0, -3), (1, 1), (6, 1), (7, 7), (400, 14)]
)
def test_the_latest_step_whose_day_has_come_is_due(days: int, step: int | None) -> None:
    assert step_due(CAMPAIGN, DUE, DUE + timedelta(days=days)) == step


def test_a_step_from_before_the_campaign_began_is_passed_over() -> None:
    later = Campaign(CAMPAIGN.steps, (), DUE + timedelta(days=10))
    assert step_due(later, DUE, DUE + timedelta(days=12)) is None
    assert step_due(later, DUE, DUE + timedelta(days=14)) == 14


def test_a_step_is_told_once_and_the_next_one_again() -> None:
    today = DUE + timedelta(days=2)
    (first,) = reminders(CAMPAIGN, [owed("I1", "10")], set(), today)
    told = {("I1", first.step)}
    assert reminders(CAMPAIGN, [owed("I1", "10")], told, today + timedelta(days=4)) == []
    (second,) = reminders(CAMPAIGN, [owed("I1", "10")], told, today + timedelta(days=5))
    assert (first.step, second.step) == (1, 7)


def test_what_is_not_worth_a_letter_waits_until_it_is_with_others() -> None:
    campaign = Campaign(CAMPAIGN.steps, (("USD", Decimal(50)),), CAMPAIGN.since)
    today = DUE + timedelta(days=1)
    few = [owed("I1", "50.00"), owed("I2", "50.00", of="C2"), owed("I3", "5", currency="CAD")]
    assert [r.owed.invoice_id for r in reminders(campaign, few, set(), today)] == ["I3"]
    more = [*few, owed("I4", "0.01")]
    assert [r.owed.invoice_id for r in reminders(campaign, more, set(), today)] == [
        "I3",
        "I1",
        "I4",
    ]


@pytest.mark.parametrize("text", ["", "x", "1,,2", "400", ",".join(map(str, range(13)))])
def test_steps_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as -3,1,7,14"):
        as_steps(text)


def test_steps_and_hours_as_people_type_them() -> None:
    assert as_steps("7, -3,1,7") == (-3, 1, 7)
    assert (as_hours("20-8"), as_hours("")) == ((20, 8), (0, 0))
    with pytest.raises(UsageError, match="such as 20-8"):
        as_hours("24-8")
