"""What the first visitor would wait for, done before anybody is let in."""

import gc
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path

from dashboard import charts, frames, navigation, reads, theme
from dashboard.charts import Part
from etl.metrics.figures import Column

__all__ = ["make_ready"]


def make_ready() -> None:
    """Loads what pages are made of; what they draw with loads more of itself when first used."""
    reads.desk()
    for line in (*navigation.PAGES, *navigation.FOR_ADMINISTRATORS):
        import_module(f"dashboard.app_pages.{Path(line.file).stem}")
    charts.parts([Part("", Decimal(1))], "USD", theme.LIGHT).to_json()
    columns = (Column("on", "date", ""), Column("amount", "money", ""))
    row = {"on": date.min, "amount": Decimal(1), "currency": "USD"}
    frames.styled_rows(columns, [row]).to_html()
    # It all stays for good: looking through it again and again finds nothing to give back.
    gc.collect()
    gc.freeze()
