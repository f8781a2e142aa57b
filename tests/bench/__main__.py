"""`make bench`: what the throttle, the client and a sync cost, measured side by side.

Everything runs on this machine and stops by itself.

    python -m tests.bench [NAME …]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import client, crowd, sync, throttle

BENCHES: dict[str, Callable[[Path], None]] = {
    "throttle": throttle.run,
    "client": client.run,
    "sync": sync.run,
    "crowd": crowd.run,
}


def main(names: list[str]) -> None:
    """Runs the named benches, or all."""
    for name in names or BENCHES:
        begun = time.perf_counter()
        print(f"\n== {name}: {BENCHES[name].__doc__}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            BENCHES[name](Path(folder))
        print(f"   ({time.perf_counter() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
