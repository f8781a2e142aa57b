"""Bodies of the control API, read; and its one kind of refusal."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from billcom.sandbox.wire import NotJsonError, decode


class ControlError(Exception):
    """The control API was asked for nonsense (400) or for what there is not (404)."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        """One sentence that says what is wrong."""
        super().__init__(sentence)
        self.status = status


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in a body, an empty body being an empty one; raises ControlError."""
    text = await request.body()
    try:
        found = decode(text) if text else {}
    except NotJsonError:
        raise ControlError("The body is not JSON.") from None
    if not isinstance(found, dict):
        raise ControlError("The body is not a JSON object.")
    return found


def demand_known(given: Mapping[str, Any], *names: str) -> None:
    """Raise ControlError for a field that is none of `names`."""
    for name in given:
        if name not in names:
            raise ControlError(f"There is no field {name!r} here; there is {', '.join(names)}.")


def whole_number(text: str | None, name: str, default: int) -> int:
    """A parameter of the query that is a number from 0; raises ControlError."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise ControlError(f"{name} is a whole number, not {text!r}.")
    return int(text)
