"""torch.compile through mmengine's `compile` key trains to the same losses."""

import json
from pathlib import Path

import pytest

from mmseg_bffr.apis import train


def losses(folder: Path) -> list[float]:
    (log,) = folder.glob('*/vis_data/scalars.json')
    lines = map(json.loads, log.read_text().splitlines())
    return [line['loss'] for line in lines if 'loss' in line]


@pytest.mark.parametrize('compiled', [['model.with_cp=True'], ['compile.backend=eager']])
def test_same_losses(tiny_configs, tmp_path, compiled):
    for name, options in {'plain': [], 'other': compiled}.items():
        train(
            str(tiny_configs[0]),
            warm_start=True,
            work_dir=str(tmp_path / name),
            no_validate=True,
            seed=0,
            cfg_options=['param_scheduler=[]', *options],
        )
    plain, other = losses(tmp_path / 'plain'), losses(tmp_path / 'other')
    assert len(plain) == 2
    assert other == pytest.approx(plain, rel=1e-4)
