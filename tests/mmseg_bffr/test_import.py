"""`import mmseg_bffr` takes over nothing of the process that it is imported into."""

import subprocess
import sys

CODE = """
import logging, signal, warnings
import mmcv, mmengine, mmseg.models, mmseg.datasets, mmseg.evaluation, mmseg.engine, torch
from mmengine.runner import checkpoint

def state():
    loader = checkpoint.CheckpointLoader
    loggers = [logging.getLogger(name) for name in (None, 'bffr', 'mmseg_bffr')]
    return dict(
        logs=[(log.level, log.propagate, log.disabled, *log.handlers) for log in loggers],
        filters=list(warnings.filters),
        signals=[signal.getsignal(number) for number in signal.valid_signals()],
        hook=warnings.showwarning,
        loader=dict(vars(loader)),
        schemes=list(loader._schemes.items()),
        functions=dict(vars(checkpoint)),
    )

before = state()
import mmseg_bffr.apis
after = state()
assert len(before['schemes']) > 9
assert [name for name in before if before[name] != after[name]] == []
"""


def test_takes_over_nothing():
    subprocess.run([sys.executable, '-W', 'default', '-c', CODE], check=True)
