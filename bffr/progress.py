"""What is shown of a long run: progress, failures, throughput."""

import contextlib
import os
import sys
import time
from collections import deque
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from bffr.errors import InputError, out_of_memory


class Progress:
    """A context around a run over pairs or frames: a bar, and a line with throughput at the end.

    Args:
        unit: What there are many of, `pair` or `frame`.
        total: How many; None if that is not known.
        keep_going: Whether a failed one is reported and counted, instead of ending the run. The
            end of the context then raises InputError if there was one.

    Attributes:
        latencies: Seconds from reading a frame to having it written; the last line tells their
            percentiles, of the last 100,000, and `dropped`.
        dropped: How many visible and infrared frames were passed over.
    """

    def __init__(self, unit: str, total: int | None, keep_going: bool):
        self.unit, self.keep_going, self.done, self.failed = unit, keep_going, 0, 0
        self.latencies, self.dropped = deque(maxlen=100_000), (0, 0)
        self._start = time.perf_counter()
        self._bar = tqdm(total=total, desc='fusing', unit=unit)

    def __enter__(self) -> 'Progress':
        return self

    @contextlib.contextmanager
    def one(self, *names: str | os.PathLike) -> Iterator[None]:
        """A context around one of them; an InputError in it names it or one of `names`.

        That memory runs out is one, too.
        """
        try:
            yield
        except Exception as error:
            message = str(error) if isinstance(error, InputError) else out_of_memory(error)
            if message is None:
                raise
            if not any(str(name) in message for name in names):
                message = f'{", ".join(map(str, names))}: {message}'
            if not self.keep_going:
                raise InputError(message) from None
            tqdm.write(f'skipped: {message}', file=sys.stderr)
            self.failed += 1
        self.done += 1
        self._bar.update()

    def __exit__(self, kind, *_) -> None:
        self._bar.close()
        if kind is None:
            seconds = time.perf_counter() - self._start
            timing = f'{self.done / seconds:.2f} {self.unit}s/s'
            if self.latencies:
                p50, p95 = 1000 * np.percentile(self.latencies, (50, 95))
                timing += f'; latency {p50:.0f} ms (p50), {p95:.0f} ms (p95)'
                timing += '; dropped {} visible, {} infrared'.format(*self.dropped)
            print(f'{self.done} {self.unit}(s) in {seconds:.1f} s: {timing}')
            if self.failed:
                raise InputError(
                    f'{self.failed} of {self.done} {self.unit}(s) failed; they are named above.'
                )
