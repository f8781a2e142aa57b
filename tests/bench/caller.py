"""A process whose threads call BILL as hard as they are let, and that says how it went.

    python -m tests.bench.caller DATA_DIR SLUG SECONDS THREADS urgent|background

Prints one JSON object: how many calls passed, and how often each error came.
"""

import json
import sys
import threading
import time
from collections import Counter
from dataclasses import replace

from billcom.client import Client
from billcom.errors import BillError, BudgetSpentError
from billcom.resources import CUSTOMERS
from etl.back_office import open_back_office
from etl.settings import load_settings
from etl.store.tenants import find_tenant


def main(data_dir: str, slug: str, seconds: str, threads: str, kind: str) -> None:
    """Calls for that long, or until the hour's budget is spent."""
    settings = replace(
        load_settings({"TIEOUT_DATA_DIR": data_dir}),
        **json.loads(sys.stdin.read() or "{}"),
    )
    office = open_back_office(settings)
    with office.store.read() as session:
        tenant = find_tenant(session, slug)
    counts: Counter[str] = Counter()
    with office.client_of(tenant, is_urgent=kind == "urgent") as client:
        ends = time.monotonic() + float(seconds)
        crowd = [
            threading.Thread(target=_call, args=(client, ends, counts)) for _ in range(int(threads))
        ]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    print(json.dumps(counts))


def _call(client: Client, ends: float, counts: Counter[str]) -> None:
    while time.monotonic() < ends:
        try:
            next(client.pages(CUSTOMERS, page_size=1))
            counts["passed"] += 1
        except BudgetSpentError:
            counts["BudgetSpentError"] += 1
            return
        except BillError as error:
            counts[type(error).__name__] += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
