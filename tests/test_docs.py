"""The pages whose commands a user copies: their files are written and their commands run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bffr
from bffr.images.image_io import read_image, write_png
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.datasets import MFNetDataset

CLASSES = ('road', 'vehicle', 'human')
PALETTE = np.array([[128, 64, 128], [0, 0, 142], [220, 20, 60]], np.uint8)

pytestmark = pytest.mark.slow


def write_pairs(folder: Path, count: int = 20) -> list[str]:
    """Roads with a dark vehicle and a warm human."""
    rng = np.random.default_rng(0)
    names = [f'{number:02}' for number in range(count)]
    for name in names:
        labels = np.zeros((96, 128), np.uint8)
        x, y = rng.integers(8, 60, 2)
        labels[y : y + 20, x : x + 30] = 1
        labels[y : y + 25, x + 40 : x + 50] = 2
        noise = rng.integers(0, 30, labels.shape)
        visible = np.choose(labels, [120, 40, 90]) + noise
        infrared = np.choose(labels, [60, 90, 200]) + noise
        write_png(folder / f'vis/{name}.png', np.dstack([visible] * 3).astype(np.uint8))
        write_png(folder / f'ir/{name}.png', infrared.astype(np.uint8))
        write_png(folder / f'labels/{name}.png', labels)
        boxes = (0, x + 15, y + 10, 30, 20), (1, x + 45, y + 12.5, 10, 25)  # middle and size
        lines = [f'{k} {a / 128} {b / 96} {w / 128} {h / 96}\n' for k, a, b, w, h in boxes]
        (folder / 'boxes').mkdir(exist_ok=True)
        (folder / f'boxes/{name}.txt').write_text(''.join(lines))
    for split, part in (('train', names[:12]), ('val', names[12:16]), ('test', names[16:])):
        (folder / f'{split}.txt').write_text('\n'.join(part))
    return names


def follow(page: Path, folder: Path) -> str:
    """Write a page's files and run its commands in a folder; returns what they said."""
    text = page.read_text()
    for name, content in re.findall(r'```python\n# (\S+)\n(.*?)```', text, re.DOTALL):
        (folder / name).write_text(content)
    script = '\n'.join(re.findall(r'```sh\n(.*?)```', text, re.DOTALL))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
    run = subprocess.run(
        ['bash', '-euxc', script],
        cwd=folder,
        env={**os.environ, 'PATH': path, 'CUDA_VISIBLE_DEVICES': ''},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    return run.stdout + run.stderr


@pytest.fixture
def checkout(root, tmp_path):
    """A folder like a checkout, that may be written to."""
    for name in ('tools', 'bffr', 'mmseg_bffr', 'demo'):
        (tmp_path / name).symlink_to(root / name)
    for path in root.glob('configs/**/*.py'):
        copy = tmp_path / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    return tmp_path


def published(folder):
    return folder / 'work_dirs/published/config.py', folder / 'work_dirs/published/weights.pth'


def test_blocks_that_the_site_marks_as_run(root):
    marked = {page.stem for page in root.glob('docs/*.md') if '```sh\n' in page.read_text()}
    assert {f'test_{page}' for page in marked} <= globals().keys()


def run_python(page: Path, checkout: Path, monkeypatch) -> dict:
    """Run the page's Python in the folder; returns what it made."""
    (script,) = re.findall(r'```python\n(import .*?)```', page.read_text(), re.DOTALL)
    made = {}
    monkeypatch.chdir(checkout)
    exec(script, made)
    return made


def test_getting_started(root, checkout, monkeypatch):
    page = root / 'docs/getting_started.md'
    follow(page, checkout)
    made = run_python(page, checkout, monkeypatch)
    fused = checkout / 'fused'
    np.testing.assert_array_equal(read_image(fused / '00000D.png'), made['fused'])
    for suffix in ('', '_sheet'):
        assert len(list(fused.glob(f'0*[DN]{suffix}.png'))) == 6
    assert len(list(fused.iterdir())) == 12
    assert made['labels'].shape == made['fused'].shape[:2]


def test_deploy(root, checkout, monkeypatch):
    page = root / 'docs/deploy.md'
    assert 'largest difference from torch' in follow(page, checkout)
    first, again = (sorted((checkout / name).glob('*.png')) for name in ('fused', 'fused_again'))
    assert [path.name for path in first] == [path.name for path in again]
    assert len(first) == 6
    for pair in zip(first, again, strict=True):
        difference = np.subtract(*(read_image(path).astype(int) for path in pair))
        assert np.abs(difference).max() <= 1
    made = run_python(page, checkout, monkeypatch)
    assert made['labels'].shape == made['fused'].shape[:2]


def test_own_data(root, checkout):
    names = write_pairs(checkout / 'data/mine')
    said = follow(root / 'docs/own_data.md', checkout)
    for name in CLASSES:
        assert re.search(rf'\|\s+{name}\s+\|', said)
    assert re.search(r'^vehicle +\d\d?\.\d+', said, re.MULTILINE)  # the table of `bffr check`

    model = init_model(*published(checkout))
    assert model.dataset_meta['classes'] == CLASSES
    default = bffr.load()
    for name in names[16:]:
        pair = checkout / f'data/mine/vis/{name}.png', checkout / f'data/mine/ir/{name}.png'
        painted = PALETTE[segment(model, *pair)][..., ::-1]
        shown = read_image(checkout / f'work_dirs/fused/{name}_labels.png')
        np.testing.assert_array_equal(shown, painted)
        fused = read_image(checkout / f'work_dirs/fused/{name}.png')
        np.testing.assert_array_equal(fused, fuse(model, *pair))
        assert np.abs(fused.astype(int) - default.fuse(*pair)).max() <= 1  # its fuser is kept
        shown = read_image(checkout / f'work_dirs/painted/{name}.png')
        assert (shown == painted).all(axis=2).mean() > 0.99  # of weights that were not rounded
        assert set(map(tuple, shown.reshape(-1, 3))) <= set(map(tuple, PALETTE[:, ::-1].tolist()))

    assert len(list((checkout / 'work_dirs/joint/test_result').glob('*.png'))) == 4
    assert len(list((checkout / 'work_dirs/fused_content').glob('*.png'))) == 20

    assert re.search(r'^human +12 +4 +4$', said, re.MULTILINE)  # boxes, by `bffr check`
    assert re.search(r'\|\s+human\s+\|\s+4\s+\|', said)  # their average precision
    assert len(list((checkout / 'work_dirs/with_boxes').iterdir())) == 4
    assert bffr.load(checkout / 'work_dirs/detector').finds == 'boxes'
    assert len(list((checkout / 'work_dirs/detected').glob('*_boxes.png'))) == 20


def test_own_fuser(root, checkout, monkeypatch):
    config = checkout / 'configs/demo/gated_sum.py'
    follow(root / 'docs/own_fuser.md', checkout)
    monkeypatch.syspath_prepend(checkout)
    model = init_model(*published(checkout))
    assert type(model.fuser).__name__ == 'GatedSum'
    trained = init_model(config, checkout / 'work_dirs/gated/iter_3.pth')
    pair = (checkout / f'data/demo/{kind}/00000D.png' for kind in ('vis', 'ir'))
    visible, infrared = map(read_image, pair)
    shown = read_image(checkout / 'work_dirs/fused/00000D.png')
    np.testing.assert_array_equal(shown, fuse(model, visible, infrared))
    assert np.abs(shown.astype(int) - fuse(trained, visible, infrared)).max() <= 2
    assert model.dataset_meta['classes'] == MFNetDataset.METAINFO['classes']
