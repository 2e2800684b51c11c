"""A recipe's phases run in order, once each, and end in a published model and its numbers."""

import json

import pytest

from bffr.errors import InputError
from bffr.models.loading import load
from mmseg_bffr.apis import train_zoo as module
from mmseg_bffr.apis.train_zoo import train_zoo


@pytest.fixture
def recipe(tiny_configs, tmp_path):
    """Fuser, then both together from it, on drawn pairs."""
    fuser, joint = tiny_configs
    folder = tmp_path / 'tiny'
    folder.mkdir()
    (folder / '1_fuser.py').write_text(f'_base_ = {str(fuser)!r}\n')
    checkpoint = '{{$ZOO_RUN:}}/1_fuser/iter_2.pth'
    weights = f'dict(type="Pretrained", checkpoint="{checkpoint}")'
    (folder / '2_joint.py').write_text(
        f'_base_ = {str(joint)!r}\nmodel = dict(fuser=dict(init_cfg={weights}))\n'
    )
    return folder


def test_phases_follow_one_another(recipe, tmp_path, monkeypatch):
    trained, exported = [], []

    def train(config, how, *, warm_start):
        trained.append((config.stem, how.seed, warm_start))
        return original(config, how, warm_start=warm_start)

    def export(config, weights, out, what):
        exported.append(what)
        out.mkdir()

    original = module.train
    monkeypatch.setattr(module, 'train', train)
    monkeypatch.setattr(module, 'export', export)
    for seed in (5, 6):
        published = train_zoo(recipe, seed=seed, work_dir=tmp_path / 'runs')
    phases = [('1_fuser', True), ('2_joint', False)]
    assert trained == [(name, seed, warm) for seed in (5, 6) for name, warm in phases]
    assert exported == ['fuse+segment'] * 2
    found = json.loads((published / 'metrics.json').read_text())
    assert {'Qabf', 'mIoU', 'IoU.person'} <= found.keys()
    other = json.loads((tmp_path / 'runs/tiny/seed_5/published/metrics.json').read_text())
    card = (tmp_path / 'runs/tiny/card.md').read_text()
    [row] = [line for line in card.splitlines() if line.startswith('| EN ')]
    five, six, mean, deviation = map(float, row.strip('|').split('|')[1:])
    assert (five, six) == pytest.approx((other['EN'], found['EN']), rel=1e-3)
    assert mean == pytest.approx((five + six) / 2, rel=1e-3)
    assert deviation == pytest.approx(abs(five - six) / 2**0.5, abs=2e-3)

    train_zoo(recipe, seed=6, work_dir=tmp_path / 'runs')
    assert (len(trained), len(exported)) == (4, 2)


@pytest.mark.slow
def test_what_is_exported_runs(recipe, tmp_path):
    published = train_zoo(recipe, seed=5, work_dir=tmp_path / 'runs')
    assert 'person' in load(published / 'exported').classes


def test_no_recipe(tmp_path):
    with pytest.raises(InputError, match='has no configs'):
        train_zoo(tmp_path, seed=0, work_dir=tmp_path / 'runs')
