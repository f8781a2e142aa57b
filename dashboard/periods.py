"""Months, as pages show them: a chart has a place for a month in which nothing happened."""

from datetime import date, timedelta

__all__ = ["first_of_months", "month_ends", "months_between", "months_up_to"]


def _month_before(on: date) -> date:
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def first_of_months(as_of: date, count: int) -> date:
    """The first day of the earliest of the `count` months that end with that of `as_of`."""
    first = as_of.replace(day=1)
    for _ in range(count - 1):
        first = _month_before(first)
    return first


def months_up_to(as_of: date, count: int) -> list[str]:
    """The names of `count` months, the last that of `as_of`: “2026-10”, “2026-11”."""
    return months_between(f"{first_of_months(as_of, count):%Y-%m}", f"{as_of:%Y-%m}")


def months_between(first: str, last: str) -> list[str]:
    """The names of all months from the first to the last."""
    names, on = [], date.fromisoformat(f"{last}-01")
    while f"{on:%Y-%m}" >= first:
        names.append(f"{on:%Y-%m}")
        on = _month_before(on)
    return names[::-1]


def month_ends(as_of: date, count: int) -> list[date]:
    """`count` days: the ends of the months before that of `as_of`, and `as_of` itself."""
    days, on = [as_of], as_of
    for _ in range(count - 1):
        on = on.replace(day=1) - timedelta(days=1)
        days.append(on)
    return days[::-1]
