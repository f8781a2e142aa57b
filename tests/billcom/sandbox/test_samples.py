"""The sandbox goes on answering in the shapes recorded from it."""

import json

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox
from tests.billcom.sandbox.walk import ENDPOINTS
from tests.samples.record import SAMPLES, answered

RECORDED = json.loads(SAMPLES.read_text(encoding="utf-8"))


def test_every_endpoint_has_been_recorded() -> None:
    assert set(RECORDED) == {f"{method} {path}" for method, path in ENDPOINTS}


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_an_answer_keeps_its_recorded_shape(
    sandbox: Sandbox, clock: SettableClock, method: str, path: str
) -> None:
    assert answered(sandbox, clock, method, path) == RECORDED[f"{method} {path}"]
