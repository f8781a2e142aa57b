"""`make bench`: what calls, syncs, ledger and questions cost, measured side by side.

Everything runs on this machine and stops by itself; figures go to docs/benchmarks.md.

    python -m tests.bench [NAME …]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import client, crowd, dashboard, ingest, memory, questions, sync, throttle
from tests.bench.report import section

BENCHES: dict[str, Callable[[Path], None]] = {
    "throttle": throttle.run,
    "client": client.run,
    "sync": sync.run,
    "crowd": crowd.run,
    "ingest": ingest.run,
    "questions": questions.run,
    "memory": memory.run,
    "dashboard": dashboard.run,
}


def main(names: list[str]) -> None:
    """Runs the named benches, or all."""
    for name in names or BENCHES:
        begun = time.perf_counter()
        about = " ".join((BENCHES[name].__doc__ or "").split())
        print(f"\n== {name}: {about}", flush=True)
        with tempfile.TemporaryDirectory() as folder, section(name, about):
            BENCHES[name](Path(folder))
        print(f"   ({time.perf_counter() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
