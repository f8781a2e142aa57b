"""A process that brings in a book on disk, publishes it, and says how much memory that took.

python -m tests.bench.syncer BOOK
"""

import re
import sys
from pathlib import Path

from etl.extract.land import prepare
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import open_work
from tests.bench.book import BookFiles
from tests.bench.landing import land_book, publish, transform


def main(book: str) -> None:
    """Prints the most memory it held, in MB."""
    folder = TenantFolder(Path(book) / "synced")
    with open_work(folder) as connection:
        prepare(connection)
        land_book(connection, BookFiles(Path(book), 0))
        transform(connection)
        publish(connection, folder, 1)
    print(_most_mb())


def _most_mb() -> int:
    # Not getrusage: it counts what the process that started this one held as well.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) // 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
