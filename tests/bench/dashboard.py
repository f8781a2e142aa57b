"""The dashboard as browsers meet it: pages, filters, and fifty people at once.

    python -m tests.bench.dashboard [--seconds 30] [--people 50] [--kept FOLDER] [PART …]

runs parts of it (pages, filters, crowd) without writing them down; a kept folder is used again.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.bench.assembly import Assembly
from tests.bench.figures import percentile, tell
from tests.bench.house import House, furnished
from tests.bench.served import Served, serving
from tests.bench.tab import Seen, Tab, opened
from tests.e2e import chromium

SIZES = {"harbor": 100_000, "quay": 20_000, "mill": 20_000, "ridge": 20_000, "ford": 20_000}
CUSTOMER, INVOICE = "0cu02000000000000777", "00e02000000000099990"
PAGES = {
    "Overview": ("", ""),
    "Revenue": ("revenue", ""),
    "Receivables": ("receivables", ""),
    "Failed payments": ("failed_payments", ""),
    "Customers": ("customers", ""),
    "a customer": ("customers", f"customer={CUSTOMER}"),
    "Invoices": ("invoices", ""),
    "an invoice": ("invoices", f"invoice={INVOICE}"),
    "Close": ("close", ""),
    "Exports": ("exports", ""),
    "Operations": ("operations", ""),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is pressed or written on a page, each value for the first time."""

    path: str
    change: Callable[[Tab, str, str], Awaitable[Seen]]
    widget: str
    values: tuple[str, ...]


FILTERS = {
    "Invoices, state": Filter("invoices", Tab.choose, "invoice-state", ("Open", "Overdue")),
    "Invoices, search": Filter("invoices", Tab.write, "invoice-search", ("99", "01234", "17")),
    "Customers, search": Filter("customers", Tab.write, "customer-search", ("007", "19", "y 1")),
    "Overview, to do": Filter("", Tab.choose, "switch-todo", ("Overdue", "Failures")),
    "Receivables, age from": Filter(
        "receivables", Tab.choose, "switch-age_from", ("Invoice date",)
    ),
}
DAYS = ("2026/09/20", "2026/08/31", "2026/06/30")
COLD_STARTS, WARM_ROUNDS = 2, 5
PEOPLE, ARRIVING_S, MOVING_S, PROCESSES = 50, 10.0, 180.0, 2


def run(folder: Path) -> None:
    """Seconds over Streamlit's own websocket, from asking until all of a page was sent, in a tenant
    of 100,000 invoices: each page as the first that a new process serves and as a new browser's
    first later on, median / 95th percentile; filters that nobody set before. Then fifty people of
    five tenants on two processes, one of them in a real Chromium, arriving within ten seconds and
    moving on every three to nine seconds for three minutes, their pages refreshing themselves
    meanwhile: how long they waited, what went wrong, who saw another tenant's book, and the memory
    of the processes."""
    house = furnished(folder / "house", SIZES)
    pages(house, folder)
    filters(house, folder)
    crowd(house, folder, PEOPLE, MOVING_S)


def pages(house: House, folder: Path) -> None:
    """Every page cold and warm."""
    cold: dict[str, list[float]] = {name: [] for name in PAGES}
    for name in list(PAGES) * COLD_STARTS:
        with serving(house.settings, folder / "log") as served:
            cold[name].append(asyncio.run(_first_page(house, served, name)))
    _tell_pages("cold", cold, "p95 under 1.5 s")
    warm: dict[str, list[float]] = {name: [] for name in PAGES}
    with serving(house.settings, folder / "log") as served:
        for round_ in range(WARM_ROUNDS + 1):
            for name in PAGES:
                seconds = asyncio.run(_first_page(house, served, name))
                warm[name] += [seconds] if round_ else []
    _tell_pages("warm", warm, "p95 under 0.5 s")


async def _first_page(house: House, served: Served, name: str) -> float:
    visitor = house.visitor()
    async with opened(served.url, visitor.cookie) as tab:
        return _right(await tab.visit(*PAGES[name]), name).seconds


def _right(seen: Seen, name: str) -> Seen:
    """A page that says what is wrong is not fast."""
    assert not seen.wrong, f"{name}: {seen.wrong}"
    return seen


def _tell_pages(what: str, taken: dict[str, list[float]], bound: str) -> None:
    for name, seconds in taken.items():
        tell(f"{what}: {name}", _told(seconds))
    tell(f"{what}: every page", _told(chain(*taken.values())), bound)


def _told(seconds: Iterable[float]) -> str:
    found = list(seconds)
    return f"{percentile(found, 50):.2f} / {percentile(found, 95):.2f} s"


def filters(house: House, folder: Path) -> None:
    """Filters, then days, each asked for the first time."""
    with serving(house.settings, folder / "log") as served:
        changed = asyncio.run(_filtered(house, served))
        days = asyncio.run(_on_days(house, served))
    for name, seconds in changed.items():
        tell(f"filter: {name}", _told(seconds))
    tell("filter: every one", _told(chain(*changed.values())), "under 0.4 s")
    tell("another day nobody looked at, Overview", _told(days))


async def _filtered(house: House, served: Served) -> dict[str, list[float]]:
    taken = {}
    async with opened(served.url, house.visitor().cookie) as tab:
        for name, filter_ in FILTERS.items():
            _right(await tab.visit(filter_.path), name)
            taken[name] = [
                _right(await filter_.change(tab, filter_.widget, value), name).seconds
                for value in filter_.values
            ]
    return taken


async def _on_days(house: House, served: Served) -> list[float]:
    async with opened(served.url, house.visitor().cookie) as tab:
        await tab.visit("")
        return [_right(await tab.pick_day("day_switch", day), day).seconds for day in DAYS]


def crowd(house: House, folder: Path, people: int, moving_s: float) -> None:
    """Many people at once."""
    executable = chromium.find()
    assert executable, chromium.HOW
    with serving(house.settings, folder / "log", PROCESSES) as served:
        assembly = Assembly(house, served.url, list(PAGES.values()), served.memory_mb, executable)
        asyncio.run(assembly.meet(people, ARRIVING_S, moving_s))
    assembly.tell()


def main() -> None:
    """Parts of it, told and not written down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", default=["pages", "filters", "crowd"])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--kept", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.kept or Path(temporary)
        house = furnished(folder / "house", SIZES)
        for part in given.part:
            if part == "crowd":
                crowd(house, folder, given.people, given.seconds)
            else:
                {"pages": pages, "filters": filters}[part](house, folder)


if __name__ == "__main__":
    main()
