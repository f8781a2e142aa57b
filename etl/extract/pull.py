"""Pulling one resource's changed records from BILL, oldest change first."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from billcom.client import Client
from billcom.paging import Page
from billcom.protocol import clause
from etl.extract.plan import Step

__all__ = ["pull"]


def pull(
    client: Client, step: Step, watermark: datetime | None, lookback: timedelta
) -> Iterator[Page]:
    """Pages of the records changed since the watermark, or of all where there is none.

    The look-back reads a stretch again, for records that BILL dated before our last read but
    showed only after it; land drops what is unchanged. Archived records come too.
    """
    filters = []
    if watermark is not None:
        filters.append(clause(step.watermark, "gte", watermark - lookback))
    return client.pages(step.resource, filters=filters, sort=f"{step.watermark}:asc")
