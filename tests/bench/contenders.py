"""A process that goes in and out of the shared throttle and says how long that took.

    python -m tests.bench.contenders DATA_DIR DATABASE_URL ORGANIZATION CALLS HOLD_S

Prints one JSON list: milliseconds added to each call, coming in and leaving together.
"""

import json
import sys
import time
from datetime import UTC, datetime

from billcom.admission import Allowance
from etl.settings import load_settings
from etl.store.desks import DeskKeeper, SharedThrottle
from etl.store.engine import open_store


def main(data_dir: str, database_url: str, organization: str, calls: str, hold_s: str) -> None:
    """Makes the calls, holding each place for `hold_s` as BILL's answer would."""
    settings = load_settings({"TIEOUT_DATA_DIR": data_dir, "TIEOUT_DATABASE_URL": database_url})
    throttle = SharedThrottle(
        DeskKeeper(open_store(settings), "not-a-key"),
        1,
        organization,
        Allowance(tenant_calls=10**9, key_calls=10**9),
        lambda: datetime.now(UTC),
    )
    print(json.dumps([_added_ms(throttle, float(hold_s)) for _ in range(int(calls))]))


def _added_ms(throttle: SharedThrottle, hold_s: float) -> float:
    begun = time.perf_counter()
    with throttle.call():
        held = time.perf_counter()
        time.sleep(hold_s)
        left = time.perf_counter()
    return 1000 * (held - begun + time.perf_counter() - left)


if __name__ == "__main__":
    main(*sys.argv[1:])
