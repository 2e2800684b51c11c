"""Segmenters other than the paper's behind a fuser: by config only."""

import math
import re

import pytest

from tests.tiny_configs import write_tiny_configs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    'segmenter',
    ['segformer_mit-b2', 'segformer_mit-b5', 'deeplabv3plus_r50', 'upernet_swin-t'],
)
def test_trains_two_steps_and_is_tested(tool, root, synthetic, tmp_path, segmenter):
    base = f'configs/fuser_segmenters/transfuser_{segmenter}_joint_1xb4-160k_mfnet-240x320.py'
    _, config = write_tiny_configs(root, tmp_path, synthetic, base)
    options = ['model.fuser.init_cfg=None', 'default_hooks.checkpoint.save_optimizer=False']
    words = ['--work-dir', tmp_path / 'out', '--cfg-options', *options]
    run = tool('train_fuser_segmenter.py', config, *words)
    assert run.error is None
    losses = re.findall(r'Iter\(train\) .* loss: (\S+)', run.log)
    assert len(losses) == 2
    assert all(math.isfinite(float(loss)) for loss in losses)
    run = tool('test_fuser_segmenter.py', config, tmp_path / 'out/iter_2.pth', '--eval', 'mIoU')
    assert run.error is None
    assert re.search(r'mIoU: \d', run.log)
