"""The allocator keeps freed memory, and where it cannot, that is said."""

import ctypes
import multiprocessing
import os
import platform
from resource import RUSAGE_SELF, getrusage
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='needs glibc')
FORKSERVER = multiprocessing.get_context('forkserver')
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # <malloc.h>


class OldLibrary:
    """A C library that takes no threshold above 32 MiB, or refuses another parameter."""

    def __init__(self, refused=MMAP_THRESHOLD):
        self.refused = refused
        self.library = ctypes.CDLL(None)

    def mallopt(self, parameter, value):
        if parameter == self.refused and not 0 <= value <= 2**25:
            return 0
        return self.library.mallopt(parameter, value)


def faults(connection, switch, refused):
    """Send how many pages a block of 64 MiB faults where some were freed, and what was said."""
    import torch

    from mmseg_bffr.apis import cpu

    said = []
    cpu.print_log = lambda line, **_: said.append(line)
    if refused is not None:
        library = OldLibrary(refused)
        cpu.ctypes = SimpleNamespace(CDLL=lambda _: library)
    os.environ[cpu.SWITCH] = switch
    cpu.tune_for_cpu(torch.nn.Linear(1, 1))
    for _ in range(16):  # glibc needs some until an aligned block fits where one was
        before = getrusage(RUSAGE_SELF).ru_minflt
        torch.ones(2**26, dtype=torch.uint8)
    connection.send((getrusage(RUSAGE_SELF).ru_minflt - before, said))


def outcome(switch='1', refused=None):
    FORKSERVER.set_forkserver_preload(['mmseg_bffr.apis'])
    here, there = multiprocessing.Pipe()
    process = FORKSERVER.Process(target=faults, args=(there, switch, refused))
    process.start()
    assert here.poll(120)
    process.join()
    return here.recv()


@pytest.mark.parametrize('refused', [None, MMAP_THRESHOLD])
def test_freed_memory_is_used_again(refused):
    faulted, said = outcome(refused=refused)
    assert faulted < 16
    assert said == []


def test_the_switch_leaves_the_allocator_alone():
    faulted, said = outcome(switch='0')
    assert faulted >= 32  # 64 MiB in huge pages
    assert said == []


def test_a_library_that_refuses_is_named():
    faulted, (said,) = outcome(refused=TRIM_THRESHOLD)
    assert 'does not keep freed memory' in said
