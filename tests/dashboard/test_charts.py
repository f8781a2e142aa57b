"""Figures: what is drawn, in which colour, and what is read from it."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard import charts
from dashboard.charts import Series
from dashboard.periods import month_ends, months_between, months_up_to
from dashboard.theme import DARK, LIGHT, Palette
from etl.metrics.aging import AR_AGING

AGES = charts.buckets(AR_AGING.columns)
AGING = {
    "current": Decimal("100.10"),
    "d1_30": Decimal("20.00"),
    "d31_60": Decimal("0.00"),
    "d61_90": Decimal("4.00"),
    "d91_plus": Decimal("5.00"),
}


def test_months_without_anything_have_their_place() -> None:
    figure = charts.months_compared(
        Series("Invoiced", {"2026-01": Decimal("10.50")}),
        Series("Collected", {"2026-03": Decimal("7.00")}),
        ["2026-01", "2026-02", "2026-03"],
        "USD",
        LIGHT,
    )
    assert [list(bars.y) for bars in figure.data] == [[10.5, 0.0, 0.0], [0.0, 0.0, 7.0]]
    assert figure.data[0].customdata[0][1] == "$10.50"
    assert figure.layout.yaxis.tickprefix == "$"


def test_months_in_which_nothing_happened_are_a_line_at_zero() -> None:
    none = Series("Invoiced", {})
    figure = charts.months_compared(none, none, ["2026-01", "2026-02"], "USD", LIGHT)
    assert figure.layout.yaxis.tickvals == (0,)


def test_failed_payments_are_counted_in_whole_numbers() -> None:
    few = charts.failures({"2026-01": 1}, {}, ["2026-01"], "USD", LIGHT)
    many = charts.failures({"2026-01": 23}, {}, ["2026-01"], "USD", LIGHT)
    assert (few.layout.yaxis.dtick, many.layout.yaxis.dtick) == (1, 5)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_aging_goes_from_sand_to_brick_with_exact_amounts(colours: Palette) -> None:
    figure = charts.aging(AGING, AGES, "CAD", colours)
    assert list(figure.data[0].text) == ["CA$100.10", "CA$20.00", "CA$0.00", "CA$4.00", "CA$5.00"]
    assert list(figure.data[0].marker.color) == list(colours.aging)
    assert list(figure.data[0].y) == ["Current", "1–30", "31–60", "61–90", "91+"]


def test_aging_of_nothing_is_drawn() -> None:
    nothing = dict.fromkeys(AGING, Decimal(0))
    assert charts.aging(nothing, AGES, "USD", LIGHT).layout.xaxis.range == (0, 1)


def test_other_buckets_have_their_own_bars_and_go_to_brick_as_well() -> None:
    ages = [*AGES[:2], AGES[-1]]
    figure = charts.aging(AGING, ages, "USD", LIGHT)
    assert list(figure.data[0].y) == ["Current", "1–30", "91+"]
    assert list(figure.data[0].marker.color) == [LIGHT.aging[at] for at in (0, 2, 4)]


def test_what_is_overdue_is_drawn_in_the_colour_of_ageing_money() -> None:
    figure = charts.owed(
        {"2026-01": Decimal("9.00")}, {"2026-01": Decimal("4.00")}, ["2026-01"], "USD", LIGHT
    )
    assert [bars.name for bars in figure.data] == ["Gross", "Overdue"]
    assert [bars.marker.color for bars in figure.data] == [LIGHT.context, LIGHT.aging[3]]


def test_failures_are_counted_and_their_amount_is_under_the_pointer() -> None:
    figure = charts.failures(
        {"2026-02": 2}, {"2026-02": Decimal("300.00")}, ["2026-01", "2026-02"], "USD", LIGHT
    )
    assert list(figure.data[0].y) == [0, 2]
    assert list(figure.data[0].customdata[1]) == ["Feb 2026", "2 failed payments", "$300.00"]


def test_the_newest_month_is_always_named() -> None:
    months = months_up_to(date(2026, 11, 23), 24)
    figure = charts.failures({}, {}, months, "USD", LIGHT)
    assert figure.layout.xaxis.ticktext[-1] == "Nov<br>2026"
    assert len(figure.layout.xaxis.ticktext) <= 6


def test_months_and_their_ends() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert month_ends(date(2026, 3, 15), 3) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 15),
    ]


def test_both_palettes_name_the_same_things() -> None:
    assert len(LIGHT.aging) == len(DARK.aging) == len(AGES)
