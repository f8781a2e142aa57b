"""Figures in, go.Figure out: one template, and the only place where money becomes a float.

A bar's length may be a float; the text on it and under the pointer is made from the Decimal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

import plotly.graph_objects as go

from dashboard.display import SYMBOLS, money, month, plural
from dashboard.theme import Palette
from etl.metrics.figures import Column

__all__ = [
    "Part",
    "Series",
    "aging",
    "bridge",
    "buckets",
    "failures",
    "line",
    "months_compared",
    "owed",
    "parts",
    "years_compared",
]

FEWEST_BARS = 5
LONGEST_NAME = 24  # signs; a phone has no room for more beside the bars
FONT = "Inter, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Series:
    """Amounts by month; a month that is not there is one in which nothing happened."""

    name: str
    amounts: Mapping[str, Decimal]
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One bar of several, or one step of a bridge; `note` is told under the pointer."""

    name: str
    amount: Decimal
    note: str = ""


def line(amounts: Sequence[Decimal | int]) -> list[float]:
    """A tile's sparkline."""
    return [float(amount) for amount in amounts]


def months_compared(
    quiet: Series, loud: Series, months: Sequence[str], currency: str, colours: Palette
) -> go.Figure:
    """Two amounts a month, side by side."""
    figure = go.Figure(layout=_layout(colours, height=300))
    for series, colour in ((quiet, colours.context), (loud, loud.colour or colours.accent)):
        amounts = [series.amounts.get(name, Decimal(0)) for name in months]
        figure.add_bar(
            name=series.name,
            x=_days(months),
            y=[float(amount) for amount in amounts],
            marker_color=colour,
            customdata=_hover(months, amounts, currency),
            hovertemplate=f"%{{customdata[0]}}<br>{series.name} %{{customdata[1]}}<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.36, bargroupgap=0)
    _month_axis(figure, months)
    _money_axis(figure, currency)
    return figure


def owed(
    gross: Mapping[str, Decimal],
    overdue: Mapping[str, Decimal],
    months: Sequence[str],
    currency: str,
    colours: Palette,
) -> go.Figure:
    """Receivables at months' ends, and what of them is overdue in the colour of ageing money."""
    return months_compared(
        Series("Gross", gross),
        Series("Overdue", overdue, colours.aging[3]),
        months,
        currency,
        colours,
    )


def buckets(columns: Sequence[Column]) -> list[Column]:
    """The columns of an aging that are its buckets, whatever its edges."""
    names = [column.name for column in columns]
    return list(columns[names.index("current") : names.index("gross")])


def aging(
    amounts: Mapping[str, Decimal], ages: Sequence[Column], currency: str, colours: Palette
) -> go.Figure:
    """What is open by days past due, not yet due on top."""
    texts = [money(amounts[age.name], currency) for age in ages]
    lengths = [float(amounts[age.name]) for age in ages]
    bars = go.Bar(
        x=lengths,
        y=[age.heading for age in ages],
        orientation="h",
        marker_color=_by_age(len(ages), colours),
        text=texts,
        textposition="outside",
        cliponaxis=False,
        textfont={"color": colours.text, "size": 12},
        hovertemplate="%{y} days<br>%{text}<extra></extra>",
    )
    figure = go.Figure(bars, layout=_layout(colours, height=300))
    # Room at the right for the longest bar's amount.
    figure.update_xaxes(visible=False, range=[0, max(lengths) * 1.42 or 1])
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 12})
    figure.update_layout(bargap=0.42, showlegend=False)
    return figure


def _by_age(count: int, colours: Palette) -> list[str]:
    """A colour a bucket, the first for what is not due and the last for what is oldest."""
    steps = len(colours.aging) - 1
    return [colours.aging[-(-at * steps // (count - 1))] for at in range(count)]


def failures(
    counts: Mapping[str, int],
    amounts: Mapping[str, Decimal],
    months: Sequence[str],
    currency: str,
    colours: Palette,
) -> go.Figure:
    """Failed payments a month: how many, and under the pointer how much."""
    heights = [counts.get(name, 0) for name in months]
    totals = [amounts.get(name, Decimal(0)) for name in months]
    hover = [
        [month(name), plural(count, "failed payment"), money(total, currency)]
        for name, count, total in zip(months, heights, totals, strict=True)
    ]
    bars = go.Bar(
        x=_days(months),
        y=heights,
        marker_color=colours.failed,
        text=[f"{count:,}" if count else "" for count in heights],
        textposition="outside",
        cliponaxis=False,
        textfont={"color": colours.muted, "size": 12},
        customdata=hover,
        hovertemplate=("%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>"),
    )
    figure = go.Figure(bars, layout=_layout(colours, height=260))
    figure.update_layout(bargap=0.45, showlegend=False)
    _month_axis(figure, months)
    step = max(1, -(-max(heights, default=0) // 5))  # whole payments, five lines at most
    figure.update_yaxes(rangemode="tozero", tickformat=",d", tick0=0, dtick=step)
    return figure


def parts(
    bars: Sequence[Part], currency: str, colours: Palette, *, colour: str | None = None
) -> go.Figure:
    """What an amount is made of, the largest on top."""
    texts = [money(part.amount, currency) for part in bars]
    lengths = [float(part.amount) for part in bars]
    figure = go.Figure(
        go.Bar(
            x=lengths,
            y=list(range(len(bars))),
            orientation="h",
            marker_color=colour or colours.accent,
            text=texts,
            textposition="outside",
            cliponaxis=False,
            textfont={"color": colours.text, "size": 12},
            customdata=[[escape(part.name), part.note] for part in bars],
            hovertemplate="%{customdata[0]}<br>%{text}<br>%{customdata[1]}<extra></extra>",
        ),
        layout=_layout(colours, height=max(200, 40 + 28 * len(bars))),
    )
    longest, lowest = max([*lengths, 0]), min([*lengths, 0])
    # Room at the right for the longest bar's amount.
    figure.update_xaxes(visible=False, range=[lowest * 1.42, longest * 1.42 or 1])
    figure.update_yaxes(
        range=[max(len(bars), FEWEST_BARS) - 0.5, -0.5],  # few bars are not thicker ones
        showgrid=False,
        zeroline=False,
        tickmode="array",
        tickvals=list(range(len(bars))),
        ticktext=[escape(_shortened(part.name)) for part in bars],
    )
    figure.update_layout(bargap=0.42, showlegend=False)
    return figure


def years_compared(
    before: Series, now: Series, months: Sequence[str], currency: str, colours: Palette
) -> go.Figure:
    """A year's months beside those of the year before, whose bars stand at the same place."""
    figure = go.Figure(layout=_layout(colours, height=300))
    earlier = [f"{int(name[:4]) - 1}{name[4:]}" for name in months]
    for series, names, colour in (
        (before, earlier, colours.context),
        (now, months, colours.accent),
    ):
        amounts = [series.amounts.get(name, Decimal(0)) for name in names]
        figure.add_bar(
            name=series.name,
            x=_days(months),
            y=[float(amount) for amount in amounts],
            marker_color=colour,
            customdata=_hover(names, amounts, currency),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.36, bargroupgap=0)
    _month_axis(figure, months)
    _money_axis(figure, currency)
    return figure


def bridge(steps: Sequence[Part], currency: str, colours: Palette) -> go.Figure:
    """From the first amount over what was added and taken away to the last one."""
    last = len(steps) - 1
    texts = [money(step.amount, currency) for step in steps]
    figure = go.Figure(
        go.Waterfall(
            x=[step.name for step in steps],
            y=[float(step.amount) for step in steps],
            measure=["absolute" if at in {0, last} else "relative" for at in range(len(steps))],
            customdata=texts,
            hovertemplate="%{x}<br>%{customdata}<extra></extra>",
            increasing={"marker": {"color": colours.context}},
            decreasing={"marker": {"color": colours.aging[2]}},
            totals={"marker": {"color": colours.accent}},
            connector={"line": {"color": colours.grid}},
        ),
        layout=_layout(colours, height=320),
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(showgrid=False, tickangle=0)
    _money_axis(figure, currency)
    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _days(months: Sequence[str]) -> list[date]:
    return [date.fromisoformat(f"{name}-01") for name in months]


def _hover(months: Sequence[str], amounts: Sequence[Decimal], currency: str) -> list[list[str]]:
    return [
        [month(name), money(amount, currency)] for name, amount in zip(months, amounts, strict=True)
    ]


def _month_axis(figure: go.Figure, months: Sequence[str]) -> None:
    # At most six names, and always the newest month's, so that they stay apart on a phone.
    step = -(-len(months) // 6)
    shown = list(months)[::-1][::step][::-1]
    figure.update_xaxes(
        tickmode="array",
        tickvals=_days(shown),
        ticktext=[month(name).replace(" ", "<br>") for name in shown],
        tickangle=0,
        ticklabeloverflow="allow",
        showgrid=False,
    )


def _money_axis(figure: go.Figure, currency: str) -> None:
    figure.update_yaxes(tickprefix=SYMBOLS.get(currency, f"{currency} "), tickformat="~s")
    if not any(length for drawn in figure.data for length in drawn.y):
        figure.update_yaxes(range=[0, 1], tickvals=[0])  # or it would count thousandths


def _layout(colours: Palette, *, height: int) -> go.Layout:
    axis = {
        "automargin": True,
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "tickcolor": "rgba(0,0,0,0)",
        "tickfont": {"color": colours.muted, "size": 12},
        "zerolinecolor": colours.grid,
        "fixedrange": True,
    }
    return go.Layout(
        height=height,
        margin={"l": 0, "r": 18, "t": 8, "b": 0},
        font={"family": FONT, "size": 12, "color": colours.text},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis=axis,
        yaxis=axis,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": colours.muted},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        hoverlabel={
            "bgcolor": colours.surface,
            "bordercolor": colours.grid,
            "font": {"family": FONT, "color": colours.text, "size": 12},
        },
        barcornerradius=2,
    )
