"""A thread that works ahead: order, bounds, exceptions, and what is left of it."""

import threading
from contextlib import closing

import pytest

from bffr_runtime.ahead import ahead


def test_order_and_overlap():
    """Items are made while none is taken, and no more than a few."""
    made, fourth = [], threading.Event()

    def numbers():
        for number in range(50):
            made.append(number)
            if number == 3:
                fourth.set()
            yield number

    with closing(ahead(numbers())) as items:
        assert next(items) == 0
        assert fourth.wait(10)
        assert len(made) < 10
        assert [0, *items] == list(range(50))
    assert threading.active_count() == 1


def test_an_exception_comes_after_the_items_before_it():
    def fails():
        yield from (1, 2)
        raise OSError('no more.')

    items = ahead(fails())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OSError, match='no more'):
        next(items)
    assert threading.active_count() == 1


def test_closing_ends_all_threads_of_a_chain():
    closed = threading.Event()

    def forever():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    def doubled(items):
        with closing(items):
            for item in items:
                yield 2 * item

    items = ahead(doubled(ahead(forever())))
    assert next(items) == 0
    items.close()
    assert closed.is_set()
    assert threading.active_count() == 1
