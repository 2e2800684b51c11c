"""The allocator's switch; in a process of its own, for the setting is the process's."""

import subprocess
import sys

import pytest

from mmseg_bffr.inference import allocator

PROGRAM = """
import runpy, sys
print(runpy.run_path(sys.argv[1])['keep_freed_memory']())
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='glibc only')
@pytest.mark.parametrize(('value', 'kept'), [('0', 'False'), ('1', 'True')])
def test_switch(monkeypatch, value, kept):
    monkeypatch.setenv(allocator.SWITCH, value)
    command = [sys.executable, '-c', PROGRAM, allocator.__file__]
    assert subprocess.check_output(command, text=True).strip() == kept
