"""The data sets as their authors distribute them, drawn small: what is found, read and learnt."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmseg.registry import DATASETS, MODELS

from bffr.errors import InputError
from mmseg_bffr.apis import check_data
from mmseg_bffr.apis.check_data import check_dataset
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.datasets import PairDataset
from mmseg_bffr.datasets.dataset_configs import class_metainfo

ROOT = Path(__file__).parents[3]
DATASET_CONFIGS = ROOT / 'configs/_base_/datasets'
TNO = 'TNO_Image_Fusion_Dataset'
TNO_PAIRS = [
    [f'{TNO}/{file}' for file in line.split('\t')]
    for line in (DATASET_CONFIGS / 'tno_pairs.txt').read_text().splitlines()
]
SPLIT = {'train': 3, 'test': 2}
LAYOUTS = {  # folders of visible, infrared and label images, and the images' suffix
    'msrs-original': ('msrs_original/{}/', ('vi', 'ir', 'Segmentation_labels'), 'png'),
    'fmb': ('FMB/{}/', ('Visible', 'Infrared', 'Label'), 'png'),
    'pst900': ('PST900_RGBT_Dataset/{}/', ('rgb', 'thermal', 'labels'), 'png'),
    'llvip': ('LLVIP/', ('visible/{}', 'infrared/{}'), 'jpg'),
    'roadscene-original': ('roadscene_original/', ('crop_LR_visible', 'cropinfrared'), 'jpg'),
    'm3fd': ('M3FD_{}/', ('Vis', 'Ir'), 'png'),
    'tno-original': None,
}
LABELS = {  # as stored, and as learnt
    'msrs-original': (range(9), range(9)),
    'fmb': (range(15), [255, *range(14)]),
    'pst900': (range(5), range(5)),
}
SIZE = (48, 64)


def files_of(name):
    """Map from part to the files of its samples, below data/."""
    if name == 'tno-original':
        return {'whole': TNO_PAIRS}
    root, folders, suffix = LAYOUTS[name]
    parts = {'m3fd': {'Detection': 3, 'Fusion': 2}, 'roadscene-original': {'whole': 2}}
    return {
        part: [
            [f'{root}{folder}/{part}{number}.{suffix}'.format(part) for folder in folders]
            for number in range(count)
        ]
        for part, count in parts.get(name, SPLIT).items()
    }


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draw a data set: visible images are dark, infrared ones bright, labels are all there are."""

    def drawn(name):
        stored, _ = LABELS.get(name, ([0], None))
        images = [
            np.random.default_rng(0).integers(0, 60, (*SIZE, 3), np.uint8),
            np.random.default_rng(1).integers(190, 250, SIZE, np.uint8),
            np.resize(np.array(stored, np.uint8), SIZE),
        ]
        samples = files_of(name)
        for files in sum(samples.values(), []):
            for file, image in zip(files, images, strict=False):
                path = tmp_path / 'data' / file
                path.parent.mkdir(parents=True, exist_ok=True)
                assert cv2.imwrite(str(path), image)
        monkeypatch.chdir(tmp_path)
        counts = [len(part) for part in samples.values()]
        return {'train': counts[0], 'val': counts[-1], 'test': counts[-1]}

    return drawn


@pytest.mark.parametrize('name', LAYOUTS)
def test_check_command(drawn, name, capsys):
    counts = drawn(name)
    found = check_data(str(DATASET_CONFIGS / f'{name}.py'), workers=1)
    assert {part: findings.pairs for part, findings in found.items()} == counts
    for findings in found.values():
        assert list(findings.sizes) == [SIZE]
        assert set(findings.pixels) == set(LABELS.get(name, ([], []))[1])
    assert ('pixels, %' in capsys.readouterr().out) == (name in LABELS)


@pytest.mark.parametrize('name', LAYOUTS)
def test_each_part_reads_its_modalities_and_its_labels(drawn, name):
    drawn(name)
    cfg = load_config(DATASET_CONFIGS / f'{name}.py')
    for part in ('train', 'val', 'test', 'visual'):
        config = cfg[f'{part}_dataloader'].dataset
        steps = [step for step in config.pipeline if step.type.startswith('Load')]
        dataset = DATASETS.build({**config, 'pipeline': steps})
        sample = dataset[0]
        assert sample['img'][..., :3].mean() < 70
        assert sample['img'][..., 3].mean() > 180
        if name in LABELS:
            learnt = np.array(LABELS[name][1], np.uint8)
            np.testing.assert_array_equal(sample['gt_seg_map'], np.resize(learnt, SIZE))
            palette = {tuple(colour) for colour in dataset.metainfo['palette']}
            assert len(palette) == len(dataset.metainfo['classes']) == len({*learnt} - {255})
        else:
            assert 'gt_seg_map' not in sample


@pytest.mark.parametrize('name', LAYOUTS)
def test_training_step(drawn, name, tmp_path):
    drawn(name)
    network = 'transfuser_segformer_mit-b0' if name in LABELS else 'transfuser'
    files = [f'models/{network}', f'datasets/{name}', 'schedules/joint_160k', 'default_runtime']
    config = tmp_path / 'config.py'
    config.write_text(f'_base_ = {[f"{ROOT}/configs/_base_/{file}.py" for file in files]}')
    cfg = load_config(config)
    tiny = dict(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2))
    if name in LABELS:
        cfg.model.fuser.update(tiny, init_cfg=None)
        cfg.model.backbone.init_cfg = None
        cfg.model.decode_head.num_classes = len(class_metainfo(cfg)['classes'])
    else:
        cfg.model.update(tiny)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    model = MODELS.build(cfg.model)
    before = [parameter.clone() for parameter in model.parameters()]
    losses = model.train_step(
        pseudo_collate([dataset[0], dataset[1]]), build_optim_wrapper(model, cfg.optim_wrapper)
    )
    assert all(np.isfinite(loss.item()) for loss in losses.values())
    assert any((a != b).any() for a, b in zip(before, model.parameters(), strict=True))


def test_a_label_beyond_the_classes_is_found(drawn):
    drawn('fmb')
    cv2.imwrite('data/FMB/test/Label/test0.png', np.full(SIZE, 15, np.uint8))
    config = load_config(DATASET_CONFIGS / 'fmb.py').test_dataloader.dataset
    (problem,) = check_dataset(config, workers=1).problems
    assert 'has label(s) 15; the classes are 1..14, and 0 and 255' in problem


class TestListedFiles:
    def data(self, tmp_path, lines, files=('a/v', 'b/v', 'b/i')):
        for file in files:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            cv2.imwrite(f'{tmp_path / file}.png', np.zeros(SIZE, np.uint8))
        (tmp_path / 'pairs.txt').write_text('\n'.join(lines))
        return PairDataset(
            data_root=str(tmp_path), ann_file='pairs.txt', pipeline=[],
            data_prefix=dict(img_path='.', ir_path='b'),
        )  # fmt: skip

    def test_are_relative_to_their_folders(self, tmp_path):
        dataset = self.data(tmp_path, ['a/v.png\ti.png'])
        sample = dataset.get_data_info(0)
        assert Path(sample['img_path']) == tmp_path / 'a/v.png'
        assert Path(sample['ir_path']) == tmp_path / 'b/i.png'

    @pytest.mark.parametrize(
        ('lines', 'sentence'),
        [
            (['a/v.png\ti.png', 'a/v.png'], r'a/v\.png: names 1 file\(s\);.* needs 2, one of each'),
            (['a/v.png\ti.png', 'b/v.png\ti.png'], '^v: several visible files have this stem'),
            (['a/x.png\ti.png', 'a/v.png\ty.png'], r'a/x\.png, .*b/y\.png: the split file names'),
        ],
    )
    def test_wrong_lists(self, tmp_path, lines, sentence):
        with pytest.raises(InputError, match=sentence):
            self.data(tmp_path, lines)
