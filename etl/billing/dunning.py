"""Who is reminded of what, and when: a campaign of steps counted from the due date.

Pure: what is owed, what was told before and the day go in; what is due to be told comes out. A
campaign has no end of its own: an invoice that is no longer handed in is not reminded of.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

__all__ = ["USUAL_STEPS", "Campaign", "Owed", "Reminder", "reminders", "step_due"]

USUAL_STEPS = (-3, 1, 7, 14, 30)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Steps in days from the due date, negative before it.

    `over`: by currency, what a customer's reminders must come to to be worth a letter. A step
    whose day was before `since` is passed over, so that switching it on tells nothing old.
    """

    steps: tuple[int, ...]
    over: tuple[tuple[str, Decimal], ...]
    since: date


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that may be reminded of, with what is open."""

    customer_id: str
    invoice_id: str
    number: str
    currency: str
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reminder:
    """An invoice and the step that is due for it."""

    owed: Owed
    step: int


def step_due(campaign: Campaign, due_on: date, today: date) -> int | None:
    """The latest step whose day has come; those that were missed before it are not made up for."""
    reached = [
        step for step in campaign.steps if campaign.since <= due_on + timedelta(days=step) <= today
    ]
    return max(reached, default=None)


def reminders(
    campaign: Campaign, owed: Iterable[Owed], told: Collection[tuple[str, int]], today: date
) -> list[Reminder]:
    """What is due to be told, by customer and currency, the longest due first."""
    found = [
        Reminder(item, step)
        for item in owed
        if (step := step_due(campaign, item.due_on, today)) is not None
        and (item.invoice_id, step) not in told
    ]
    found.sort(key=lambda one: (*_account(one), one.owed.due_on, one.owed.invoice_id))
    return [
        one
        for (_, currency), group in groupby(found, _account)
        for one in _worth_a_letter(list(group), dict(campaign.over).get(currency))
    ]


def _account(reminder: Reminder) -> tuple[str, str]:
    return reminder.owed.customer_id, reminder.owed.currency


def _worth_a_letter(group: list[Reminder], least: Decimal | None) -> list[Reminder]:
    if least is None or sum(one.owed.amount for one in group) > least:
        return group
    return []
