"""Threads ahead and behind: order, bounds, exceptions, and what is left of them."""

import threading
from contextlib import closing

import pytest

from bffr.threads import ahead, behind


@pytest.fixture(autouse=True)
def threads():
    """None is left by a test; libraries may have some of their own."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_ahead_keeps_order_and_bound():
    made, third = [], threading.Event()

    def numbers():
        for number in range(50):
            made.append(number)
            if number == 3:
                third.set()
            yield number

    items = ahead(numbers())
    assert next(items) == 0
    assert third.wait(10)  # while none more is taken
    for number in range(1, 50):
        assert next(items) == number
        assert len(made) <= number + 5
    assert list(items) == []


def test_ahead_raises_after_the_items_before():
    def fails():
        yield from (1, 2)
        raise OSError('no more.')

    items = ahead(fails())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OSError, match='no more'):
        next(items)


def test_ahead_ends_when_it_is_closed():
    with closing(ahead(iter(range(50)))) as items:
        assert next(items) == 0
        assert 'ThreadPoolExecutor' in str(threading.enumerate())


def test_behind_keeps_order_and_bound():
    used, called, go = [], [], threading.Event()

    def use(first, second):
        assert go.wait(10)
        used.append((first, second))

    def fill():
        with behind(use) as later:
            for number in range(50):
                later(number, -number)
                called.append(number)

    caller = threading.Thread(target=fill)
    caller.start()
    caller.join(0.2)
    waiting = len(called)
    go.set()
    caller.join(10)
    assert waiting == 4  # for the first one
    assert used == [(number, -number) for number in range(50)]


@pytest.mark.parametrize('calls', [2, 50])
def test_behind_raises_soon_or_at_the_end(calls):
    called = []

    def fails(number):
        if number == 1:
            raise OSError('no room.')

    def fill():
        with behind(fails) as later:
            for number in range(calls):
                later(number)
                called.append(number)

    with pytest.raises(OSError, match='no room'):
        fill()
    assert len(called) < 7


def test_behind_ends_by_an_exception_of_its_own():
    with pytest.raises(ZeroDivisionError), behind(print) as later:
        later(1 / 0)
