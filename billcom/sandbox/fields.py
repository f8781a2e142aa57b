"""Reading a request body: each field checked, everything wrong collected and told at once."""

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.values import day
from billcom.sandbox.wire import Record

_LONGEST = 4000
_MOST_DIGITS = 11  # of quantity and of price: their product must fit Decimal's 28


class Fields:
    """One JSON object of a request. A reader returns None for what is absent, null or wrong."""

    def __init__(self, data: object, path: str = "", problems: list[str] | None = None) -> None:
        """`path` leads the field's name in messages; children share `problems`."""
        self.problems = problems if problems is not None else []
        self._path = path
        self._data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.problem("", "must be an object")

    def problem(self, name: str, reason: str) -> None:
        """Note that field `name` is wrong."""
        self.problems.append(f"{(self._path + name).strip('.') or 'body'}: {reason}")

    def check(self) -> None:
        """Raise InvalidRequestError when anything read so far was wrong."""
        if self.problems:
            raise InvalidRequestError(self.problems)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._data.get(name) is not None

    def raw(self, name: str) -> Any:
        """The field as sent."""
        return self._data.get(name)

    def text(self, name: str, *, required: bool = False, longest: int = _LONGEST) -> str | None:
        """Text of at most `longest` characters."""
        value = self._data.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.problem(name, "must not be blank")
            return None
        if not isinstance(value, str):
            self.problem(name, "must be a string")
            return None
        if len(value) > longest:
            self.problem(name, f"size must be between 0 and {longest}")
            return None
        return value

    def choice(self, name: str, options: Collection[str], *, required: bool = False) -> str | None:
        """One of a closed set of words."""
        value = self._present(name, required=required)
        if value is None or (isinstance(value, str) and value in options):
            return value
        self.problem(name, f"must be one of {', '.join(sorted(options))}")
        return None

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self._data.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.problem(name, "must be true or false")
        return None

    def date(self, name: str, *, required: bool = False) -> str | None:
        """A calendar day, returned as it is written: yyyy-MM-dd."""
        value = self._present(name, required=required)
        if value is None:
            return None
        try:
            return day(value).isoformat()
        except (ValueError, TypeError):
            self.problem(name, "must be a date like 2026-12-31")
            return None

    def number(self, name: str, *, required: bool = False) -> Decimal | None:
        """A number; text that reads as one is accepted, as BILL's own samples send it."""
        value = self._present(name, required=required)
        if value is None:
            return None
        found = _decimal(value)
        if found is None:
            self.problem(name, "must be a number")
        return found

    def whole(self, name: str, least: int, most: int, *, required: bool = False) -> int | None:
        """A whole number between the two ends."""
        value = self.number(name, required=required)
        if value is None:
            return None
        if value != value.to_integral_value() or not least <= value <= most:
            self.problem(name, f"must be a whole number from {least} to {most}")
            return None
        return int(value)

    def money(
        self, name: str, unit: Decimal, *, required: bool = False, least: Decimal | None = None
    ) -> Decimal | None:
        """An amount in whole `unit`s, at least `least` (by default one unit)."""
        value = self.number(name, required=required)
        if value is None:
            return None
        lowest = unit if least is None else least
        if value < lowest:
            self.problem(name, f"must be greater than or equal to {lowest}")
        elif value % unit:
            self.problem(name, f"must be a multiple of {unit}")
        else:
            return value.quantize(unit)
        return None

    def child(self, name: str) -> "Fields | None":
        """A nested object."""
        if not self.has(name):
            return None
        return Fields(self._data[name], f"{self._path}{name}.", self.problems)

    def children(self, name: str, *, required: bool = False) -> "list[Fields]":
        """A list of objects; when required, of at least one."""
        value = self._present(name, required=required)
        if value is not None and not isinstance(value, list):
            self.problem(name, "must be a list")
        elif value == [] and required:
            self.problem(name, "must not be empty")
        items = value if isinstance(value, list) else []
        paths = (f"{self._path}{name}[{i}]." for i in range(len(items)))
        return [Fields(item, path, self.problems) for item, path in zip(items, paths, strict=True)]

    def _present(self, name: str, *, required: bool) -> Any:
        value = self._data.get(name)
        if value is None and required:
            self.problem(name, "must not be null")
        return value


def without_gaps(**fields: object) -> Record:
    """A record of the fields that have a value; BILL leaves the others out."""
    return {name: value for name, value in fields.items() if value is not None}


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _MOST_DIGITS else None
