"""Reading one item ahead of its use."""

import threading
from collections.abc import Iterator

import pytest

from etl.extract.ahead import one_ahead


def test_items_come_in_their_order() -> None:
    assert list(one_ahead(iter(range(100)))) == list(range(100))
    assert list(one_ahead(iter(()))) == []


def test_the_next_item_is_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(3)]

    def source() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    items = one_ahead(source())
    assert next(items) == 0
    assert made[1].wait(5)
    assert not made[2].is_set()
    items.close()  # type: ignore[attr-defined]
    assert not made[2].is_set()


def test_an_error_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("the line was cut")

    items = one_ahead(source())
    assert next(items) == 1
    with pytest.raises(OSError, match="cut"):
        next(items)
