"""Reading on while what was read is landed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["one_ahead"]

Item = TypeVar("Item")
END = object()


def one_ahead(source: Iterator[Item]) -> Iterator[Item]:
    """The items of a source in their order; the next is made, in a thread, while one is used.

    What the source raises is raised where its item would have come.
    """
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, source, END)
        while (item := coming.result()) is not END:
            coming = reader.submit(next, source, END)
            yield item  # type: ignore[misc]  # END is the only other
