"""What of a program's errors is told in a sentence, and what keeps its traceback."""

import errno
import sys
import warnings

import cv2
import pytest
import torch

from bffr.commands.run import run
from bffr.errors import InputError, UsageError


@pytest.mark.parametrize(
    ('error', 'sentence'),
    [
        (InputError('a.png: is empty.'), 'a.png: is empty.'),
        (InputError('Traceback ...\nbffr.errors.InputError: a.png: is empty.'), 'a.png: is empty.'),
        (OSError(errno.ENOSPC, 'No space left on device', 'a.json'), 'a.json: cannot be written'),
        (PermissionError(errno.EACCES, 'Permission denied', 'a'), 'a: cannot be read or written'),
        (
            TypeError("X.__init__() got an unexpected keyword argument 'stried'"),
            '--cfg-options: nothing there is called stried',
        ),
        (
            torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has'),
            'memory ran out, asked for 20.00 MiB; take',
        ),
        (MemoryError(), 'memory ran out; take smaller images'),
        (
            MemoryError('Unable to allocate 3.73 GiB for an array'),
            'memory ran out, asked for 3.73 GiB;',
        ),
        (
            cv2.error('OpenCV: error: (-4:Insufficient memory) Failed to allocate 400 bytes in'),
            'memory ran out, asked for 400 bytes; take',
        ),
        (
            Exception('Failed to allocate memory for requested buffer of size 123456'),
            'memory ran out, asked for 123456 bytes; take',
        ),
    ],
)
def test_a_users_mistake_is_one_sentence_and_status_1(monkeypatch, capsys, error, sentence):
    def main():
        raise error

    monkeypatch.setattr(sys, 'argv', ['tool', '--cfg-options', 'model.test_cfg.stried=3'])
    with pytest.raises(SystemExit) as end:
        run(main)
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith(f'error: {sentence}')


def test_memory_runs_out(capsys):
    with pytest.raises(SystemExit):
        run(lambda: torch.empty(10**15))
    assert capsys.readouterr().err.startswith('error: memory ran out, asked for 4000000000000000 b')


@pytest.mark.parametrize(
    'error',
    [
        TypeError("f() got an unexpected keyword argument 'other'"),
        ValueError('wrong'),
        UsageError('--a and --b exclude one another.'),
    ],
)
def test_others_are_raised(error):
    def main():
        raise error

    with pytest.raises(type(error)):
        run(main)


def test_a_warning_is_one_line_without_its_place(capsys):
    def warns():
        warnings.warn('of two\n lines', stacklevel=1)
        warnings.warn('This DataLoader will create 4 worker processes', stacklevel=1)

    with warnings.catch_warnings():
        warnings.simplefilter('always')
        run(warns)
    assert capsys.readouterr().err == 'warning: of two lines\n'
