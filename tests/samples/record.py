"""Records the shape of every answer of the sandbox: `python -m tests.samples.record`.

A shape is the answer with the name of its type in the place of every value.
"""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.wire import decode
from billcom.sandbox.world import World, empty_tenant
from tests.billcom.sandbox.caller import Caller, Json
from tests.billcom.sandbox.walk import ENDPOINTS, Prepared

SAMPLES = Path(__file__).with_name("answers.json")
_FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"),
}


def answered(sandbox: Sandbox, clock: SettableClock, method: str, path: str) -> Json:
    """Status and shape of one call to a tenant with one of everything."""
    prepared = Prepared(Caller(sandbox, sandbox.tenants[0]), clock)
    response = prepared.send(method, path)
    body = decode(response.content) if response.content else None
    return {"status": response.status_code, "shape": shape(body)}


def shape(value: Json) -> Json:
    """The value with types in the place of values; a list shows its first member."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    return next((name for name, form in _FORMS.items() if form.fullmatch(value)), "string")


def main() -> None:
    """Write the samples anew."""
    found = {f"{method} {path}": _recorded(method, path) for method, path in sorted(ENDPOINTS)}
    text = "\n".join(_written(found)) + "\n"
    SAMPLES.write_text(text, encoding="utf-8")


def _recorded(method: str, path: str) -> Json:
    clock = SettableClock(datetime(2026, 9, 18, 20, 30, tzinfo=UTC))
    with running_sandbox(World([empty_tenant("alder", "Alder", clock)], clock)) as sandbox:
        return answered(sandbox, clock, method, path)


def _written(found: dict[str, Json]) -> list[str]:
    # One endpoint a line, so that a change shows which.
    lines = [f"{json.dumps(name)}: {json.dumps(sample)}" for name, sample in found.items()]
    return ["{", *(f"{line}," for line in lines[:-1]), lines[-1], "}"]


if __name__ == "__main__":
    main()
