"""The client against bare httpx on the same sandbox."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx

from billcom.client import Client
from billcom.environment import resolve
from billcom.resources import INVOICES
from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.clock import system_clock
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.server import running_sandbox
from billcom.session import Credentials
from billcom.throttle import LocalThrottle
from tests.bench.figures import side_by_side, tell

ROUNDS = 200


def run(_folder: Path) -> None:
    """One thread reads the same pages of 100 invoices, and the same invoice, both ways."""
    world = seeded_world(7, system_clock, businesses=[CASCADE])
    with running_sandbox(world) as sandbox:
        known = sandbox.tenants[0]
        credentials = Credentials(
            known.organization_id, known.username, known.developer_key, known.password
        )
        throttle = LocalThrottle(10**9, lambda: datetime.now(UTC))
        environment = resolve("sandbox", sandbox.base_url)
        with (
            Client(environment, credentials, throttle) as ours,
            httpx.Client(trust_env=False) as bare,
        ):
            bare.headers.update(
                {"devKey": known.developer_key, "sessionId": ours.sign_in().session_id}
            )
            one = next(ours.pages(INVOICES, page_size=1)).records[0]["id"]
            address = f"{sandbox.base_url}/v3/invoices"

            def bare_page() -> object:
                answer = bare.get(address, params={"max": "100"})
                return json.loads(answer.text, parse_float=Decimal)

            def bare_one() -> object:
                return json.loads(bare.get(f"{address}/{one}").text, parse_float=Decimal)

            _compare("a page of 100 invoices", bare_page, lambda: next(ours.pages(INVOICES)))
            _compare("one invoice", bare_one, lambda: ours.get(INVOICES, one))


def _compare(what: str, plain: object, ours: object) -> None:
    bare_s, ours_s = side_by_side(plain, ours, ROUNDS)  # type: ignore[arg-type]
    figure = f"{1000 * bare_s:.2f} → {1000 * ours_s:.2f} ms ({ours_s / bare_s - 1:+.0%})"
    tell(f"{what}, bare httpx → client", figure, "at most +15 %")
