"""Making items ahead and using them behind, in threads, so that both overlap with what is between.

What is between stays in the thread that it was in: networks on CPUs and windows want the main one.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar('Item')

_WAITING = 4
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield items, of which a thread makes up to 4 ahead; their order and exceptions stay.

    The thread has ended when all are taken or this is closed.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, items, _END) for _ in range(_WAITING))
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(thread.submit(next, items, _END))
            yield item


@contextmanager
def behind(use: Callable[..., None]) -> Iterator[Callable[..., None]]:
    """A context with a function that has a thread call `use`; up to 4 calls wait in their order.

    What a call raises is raised by one of the next or by the end of the context. The thread has
    ended then.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting = deque()

        def later(*args: object) -> None:
            if len(waiting) == _WAITING:
                waiting.popleft().result()
            waiting.append(thread.submit(use, *args))

        yield later
        for call in waiting:
            call.result()
