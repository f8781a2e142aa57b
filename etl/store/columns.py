"""How instants, numbers and foreign texts are kept, so that both databases give back the same."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

__all__ = ["ExactNumber", "ForeignText", "UtcInstant"]


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant, kept as UTC: SQLite would drop the zone and hand back a naive time."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to an aware instant."""
        return value.replace(tzinfo=UTC) if value else None


class ForeignText(TypeDecorator[str]):
    """A text that others wrote. PostgreSQL refuses one with a NUL or longer than its column."""

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Without NULs, and as much of it as there is room for."""
        return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")[: self.length]


class ExactNumber(TypeDecorator[Decimal]):
    """A decimal, kept as its text: SQLite would make a double of it."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To plain digits."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Back to a decimal."""
        return None if value is None else Decimal(value)
