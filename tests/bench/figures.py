"""Medians and ratios, told in one line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter

__all__ = ["listening", "percentile", "side_by_side", "tell", "timed"]

TOLD: list[tuple[str, str, str]] = []


def percentile(values: Sequence[float], p: int) -> float:
    """Of the nearest rank."""
    return sorted(values)[max(0, -(-len(values) * p // 100) - 1)]


def side_by_side(
    plain: Callable[[], object], ours: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """The median seconds of each, taken in turns so that both meet the same machine."""
    taken: dict[int, list[float]] = {0: [], 1: []}
    for number in range(rounds):
        pair = [(0, plain), (1, ours)]
        for which, act in pair if number % 2 else reversed(pair):
            begun = perf_counter()
            act()
            taken[which].append(perf_counter() - begun)
    return median(taken[0]), median(taken[1])


def timed(act: Callable[[], object]) -> float:
    """The seconds that something takes."""
    begun = perf_counter()
    act()
    return perf_counter() - begun


@contextmanager
def listening() -> Iterator[list[tuple[str, str, str]]]:
    """All that is told meanwhile."""
    TOLD.clear()
    yield TOLD


def tell(what: str, figure: str, bound: str = "") -> None:
    """One line: what, how much, and what was asked for."""
    TOLD.append((what, figure, bound))
    print(f"   {what:<58} {figure:>22}   asked for: {bound or '–'}", flush=True)
