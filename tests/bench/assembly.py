"""Fifty people at once: they arrive, move between pages, and see only what is theirs."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from tests.bench.chromium_tab import ChromiumTab, chromium_opened
from tests.bench.figures import percentile, tell
from tests.bench.house import House, Visitor
from tests.bench.tab import Seen, Tab, opened

__all__ = ["Assembly"]

THINKS_S = (3.0, 9.0)


class Assembly:
    """What happened to people who were there at the same time."""

    def __init__(
        self,
        house: House,
        url: str,
        pages: Sequence[tuple[str, str]],
        memory_mb: Callable[[], Mapping[int, int]],
        executable: str,
    ) -> None:
        self._house = house
        self._url = url
        self._pages = pages
        self._memory_mb = memory_mb
        self._executable = executable
        self._memory: list[Mapping[int, int]] = []
        self.first: list[float] = []
        self.moves: list[float] = []
        self.drawn: list[float] = []
        self.refreshes: list[float] = []
        self.wrong: list[str] = []
        self.leaks: list[str] = []

    async def meet(self, people: int, arriving_s: float, moving_s: float) -> None:
        """Everybody arrives within a while, moves about, and leaves at the same moment."""
        visitors = self._house.visitors()
        guests = [next(visitors) for _ in range(people)]
        self._memory.append(self._memory_mb())
        ends = asyncio.get_running_loop().time() + arriving_s + moving_s
        watching = asyncio.create_task(self._watch(arriving_s + moving_s / 2))
        await asyncio.gather(
            *(
                self._attend(guest, number, arriving_s * number / people, ends)
                for number, guest in enumerate(guests)
            )
        )
        await watching
        self._memory.append(self._memory_mb())

    async def _watch(self, middle_s: float) -> None:
        await asyncio.sleep(middle_s)
        self._memory.append(self._memory_mb())

    async def _attend(self, guest: Visitor, number: int, comes_after_s: float, ends: float) -> None:
        await asyncio.sleep(comes_after_s)
        chance = random.Random(number)
        try:
            if number == 0:
                await self._attend_in_chromium(guest, chance, ends)
            else:
                await self._attend_by_websocket(guest, chance, ends)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            self.wrong.append(repr(error))

    async def _attend_by_websocket(
        self, guest: Visitor, chance: random.Random, ends: float
    ) -> None:
        async with opened(self._url, guest.cookie) as tab:
            self.first.append(self._looked_at(await tab.visit("", ""), guest))
            self.moves += await self._move(tab, guest, chance, ends)
            self.refreshes += tab.refreshes

    async def _attend_in_chromium(self, guest: Visitor, chance: random.Random, ends: float) -> None:
        async with chromium_opened(self._executable, self._url, guest.cookie) as tab:
            self.drawn += await self._move(tab, guest, chance, ends)

    async def _move(
        self, tab: Tab | ChromiumTab, guest: Visitor, chance: random.Random, ends: float
    ) -> list[float]:
        taken = []
        while asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(chance.uniform(*THINKS_S))
            page = chance.choice(self._pages)
            taken.append(self._looked_at(await tab.visit(*page), guest))
        return taken

    def _looked_at(self, seen: Seen, guest: Visitor) -> float:
        self.wrong += seen.wrong
        for slug, marker in self._house.markers.items():
            if slug == guest.tenant and not seen.says(marker):
                self.wrong.append("a page did not say whose it is")
            if slug != guest.tenant and seen.says(marker):
                self.leaks.append(f"{guest.tenant} saw {slug}")
        return seen.seconds

    def tell(self) -> None:
        """How it went."""
        every = self.first + self.moves
        people = len(self.first) + 1
        tell(f"{people} people: first page, mean / p95", _told(self.first))
        tell(f"{people} people: {len(self.moves):,} further pages, mean / p95", _told(self.moves))
        tell(f"{people} people: every page, mean / p95", _told(every), "mean under 2 s")
        tell(
            f"one of them in a Chromium: {len(self.drawn)} pages loaded, mean / p95",
            _told(self.drawn),
        )
        tell("refreshes of their own, mean / p95", _told(self.refreshes))
        tell("errors", f"{len(self.wrong)}{_some(self.wrong)}", "0")
        tell("pages with another tenant's text", f"{len(self.leaks)}{_some(self.leaks)}", "0")
        for when, at in zip(("begin", "middle", "end"), self._memory, strict=True):
            each = " + ".join(str(mb) for mb in at.values())
            tell(f"memory of all processes at the {when}", f"{each} MB", "flat")


def _told(seconds: Sequence[float]) -> str:
    if not seconds:
        return "–"
    return f"{mean(seconds):.2f} / {percentile(seconds, 95):.2f} s"


def _some(texts: Sequence[str]) -> str:
    return f": {sorted(set(texts))[:3]}" if texts else ""
