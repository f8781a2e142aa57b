"""The inputs of actions on BILL's recurring invoices, as BILL takes them.

https://developer.bill.com/docs/ar-recurring-invoices
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from etl.actions.shapes import Classifications, Id, Line, Shape, Some, Text

__all__ = ["NewRecurring", "RecurringChange", "Rhythm", "RhythmChange"]

Period = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
Every = Annotated[int, Meta(ge=1, le=999)]
Ahead = Annotated[int, Meta(ge=0, le=365)]


class Rhythm(Shape, kw_only=True):
    """When invoices are written: every `frequency` periods, some days before each is due."""

    period: Period
    frequency: Every
    next_due_date: date
    end_date: date | None = None
    days_in_advance: Ahead | None = None


class RhythmChange(Shape, kw_only=True):
    """What changes of it."""

    period: Period | None = None
    frequency: Every | None = None
    next_due_date: date | None = None
    end_date: date | None = None
    days_in_advance: Ahead | None = None


class RecurringFields(Shape, kw_only=True):
    """What may be said of a recurring invoice when it is made, or changed."""

    description: Text | None = None
    classifications: Classifications | None = None
    send_email: bool | None = None


class NewRecurring(RecurringFields, kw_only=True):
    """recurring.create."""

    customer_id: Id
    schedule: Rhythm
    recurring_invoice_line_items: Annotated[tuple[Line, ...], Some]


class RecurringChange(RecurringFields, kw_only=True):
    """recurring.update: only what is given changes; lines by their id."""

    id: Id
    schedule: RhythmChange | None = None
    recurring_invoice_line_items: Annotated[tuple[Line, ...], Some] | None = None
