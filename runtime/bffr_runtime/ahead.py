"""Iterating in a thread, so that what makes the items and what takes them overlap."""

import queue
import threading
from collections.abc import Generator
from contextlib import closing, suppress
from typing import TypeVar

Item = TypeVar('Item')

_MOST = 4  # items that wait; two at least, so that a thread that is to end never has to
_END = object()


def ahead(items: Generator[Item, None, None]) -> Generator[Item, None, None]:
    """Yield items, of which a thread makes a few ahead; order and exceptions stay.

    Close it (`contextlib.closing`) unless all are taken: then the thread has ended and `items` is
    closed, too.
    """
    made = queue.Queue(_MOST)
    stopped = threading.Event()
    raised = []

    def make() -> None:
        try:
            with closing(items):
                for item in items:
                    made.put(item)
                    if stopped.is_set():
                        break
        except BaseException as error:
            raised.append(error)
        made.put(_END)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not _END:
            yield item
        if raised:
            raise raised[0]
    finally:
        stopped.set()
        with suppress(queue.Empty):
            while True:
                made.get_nowait()
        thread.join()
