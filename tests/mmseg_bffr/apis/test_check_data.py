"""What `bffr check` counts and finds."""

import shutil

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from mmseg_bffr.apis import check_data


def test_counts_and_problems(tiny_configs, synthetic, tmp_path, capsys):
    data = shutil.copytree(synthetic, tmp_path / 'data')
    roots = [f'{part}_dataloader.dataset.data_root={data}' for part in ('train', 'val', 'test')]
    found = check_data(tiny_configs[0], cfg_options=roots, workers=2)
    assert [findings.pairs for findings in found.values()] == [8, 2, 2]
    assert found['train'].pixels.total() == 8 * 48 * 64
    assert '64x48: 8' in capsys.readouterr().out

    (data / 'ir/00000D.png').write_bytes(b'')
    cv2.imwrite(str(data / 'labels/00001N.png'), np.full((48, 64), 77, np.uint8))
    (data / 'val.txt').write_text('a\n')
    with pytest.raises(InputError, match='its data has 3 problem'):
        check_data(tiny_configs[0], cfg_options=roots, workers=1)
    said = capsys.readouterr().out
    for part in ('ir/00000D.png: is empty', 'labels/00001N.png: has label(s) 77', 'name(s): a'):
        assert part in said
