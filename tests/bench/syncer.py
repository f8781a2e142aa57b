"""A process that brings in a book on disk, publishes it, and says how much memory that took.

python -m tests.bench.syncer BOOK
"""

import resource
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
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
