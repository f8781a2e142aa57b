"""How much memory a sync takes, by the size of the book."""

import subprocess
import sys
from pathlib import Path

from tests.bench.book import written_book
from tests.bench.figures import tell

SIZES = (100_000, 300_000, 1_000_000)


def run(folder: Path) -> None:
    """The most memory that one process ever held (its resident set) while it landed a whole book,
    built the ledger, checked and published; one run a size."""
    for invoices in SIZES:
        written_book(folder / str(invoices), invoices)
        command = [sys.executable, "-m", "tests.bench.syncer", str(folder / str(invoices))]
        most = int(subprocess.run(command, capture_output=True, check=True).stdout)
        bound = "under 500 MB" if invoices == SIZES[-1] else "flat"
        tell(f"{invoices:,} invoices: most memory of a sync", f"{most} MB", bound)
