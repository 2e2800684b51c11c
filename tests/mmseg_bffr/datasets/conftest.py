import numpy as np
import pytest
from mmengine.registry import init_default_scope

from bffr.images.image_io import write_png


@pytest.fixture
def pairs(tmp_path):
    """Four pairs of 12x16 with labels, in vis/ ir/ labels/, and split files."""
    rng = np.random.default_rng(0)
    for name in 'abcd':
        write_png(tmp_path / f'vis/{name}.png', rng.integers(0, 256, (12, 16, 3), np.uint8))
        write_png(tmp_path / f'ir/{name}.png', rng.integers(0, 256, (12, 16), np.uint8))
        write_png(tmp_path / f'labels/{name}.png', rng.integers(0, 9, (12, 16), np.uint8))
    (tmp_path / 'train.txt').write_text('a\nc\n')
    return tmp_path


@pytest.fixture(autouse=True)
def mmseg_scope():
    """Transforms are looked up among mmsegmentation's, as in every config."""
    init_default_scope('mmseg')
