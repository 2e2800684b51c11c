"""torch.compile through mmengine's `compile` key trains to the same losses."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from mmseg_bffr.apis import TrainingOptions, train
from mmseg_bffr.models.fusers.transfuser import activation_checkpointing


def losses(folder: Path) -> list[float]:
    (log,) = folder.glob('*/vis_data/scalars.json')
    lines = map(json.loads, log.read_text().splitlines())
    return [line['loss'] for line in lines if 'loss' in line]


@pytest.mark.slow
@pytest.mark.parametrize(
    ('function', 'module', 'option'),
    [
        ('compile', torch, 'compile.backend=eager'),
        ('checkpoint', activation_checkpointing, 'model.with_cp=True'),
    ],
)
def test_same_losses(tiny_configs, tmp_path, monkeypatch, function, module, option):
    used = Mock(wraps=getattr(module, function))
    monkeypatch.setattr(module, function, used)
    calls = []
    for name, options in {'plain': [], 'other': [option]}.items():
        run = TrainingOptions(
            work_dir=str(tmp_path / name),
            no_validate=True,
            seed=0,
            cfg_options=['param_scheduler=[]', *options],
        )
        train(str(tiny_configs[0]), run, warm_start=True)
        calls.append(used.call_count)
    assert calls[0] == 0 < calls[1]
    plain, other = losses(tmp_path / 'plain'), losses(tmp_path / 'other')
    assert len(plain) == 2
    assert other == pytest.approx(plain, rel=1e-4)
