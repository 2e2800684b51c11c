"""Keep glibc from giving large blocks back to the system between two layers.

By default glibc maps every block above some megabytes afresh and unmaps it when it is freed, and
the kernel then clears each of its pages anew: on a CPU that is most of the time of the fuser. With
`keep_freed_memory` freed blocks stay in the process and are used again.
"""

import ctypes
import functools
import os
import platform

SWITCH = 'MMSEG_BFFR_KEEP_MEMORY'
"""Environment variable; `0` leaves the allocator as it is."""

# <malloc.h>
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3


@functools.cache
def keep_freed_memory() -> bool:
    """Let glibc keep freed memory from now on; done once per process.

    The process then stays as large as it ever was, until `release_freed_memory`. Only allocations
    of the main thread profit.

    Returns:
        bool: Whether it was done: not without glibc, nor with `MMSEG_BFFR_KEEP_MEMORY=0`.
    """
    if os.environ.get(SWITCH) == '0' or platform.libc_ver()[0] != 'glibc':
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(
        mallopt(option, value)
        for option, value in (
            (_M_MMAP_THRESHOLD, 2**30),
            (_M_TRIM_THRESHOLD, 2**31 - 1),
            (_M_TOP_PAD, 2**26),
        )
    )


def release_freed_memory() -> None:
    """Give freed memory back to the system now, where the C library is glibc."""
    if platform.libc_ver()[0] == 'glibc':
        ctypes.CDLL(None).malloc_trim(0)
