"""`--aug-test` keeps the test pipeline and varies it."""

import mmengine
import numpy as np
from mmengine.config import Config

from mmseg_bffr.apis.augmented_test import varied
from mmseg_bffr.models import FuserSegmenter

TTA = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [dict(type='Resize', scale_factor=ratio, keep_ratio=True) for ratio in (0.5, 1.0)],
            [dict(type='RandomFlip', prob=0.0), dict(type='RandomFlip', prob=1.0)],
            [dict(type='LoadLabels')],
            [dict(type='PackSegInputs')],
        ],
    ),
]
LOAD = dict(type='LoadPair', infrared=dict(range=(0, 9)), align='rig.json')
RESIZES = (
    (dict(scale=(64, 48), keep_ratio=True), [dict(scale=(32, 24)), dict(scale=(64, 48))]),
    (dict(scale=50), [dict(scale=(25, 25)), dict(scale=(50, 50))]),
    (dict(scale_factor=0.5), [dict(scale_factor=(0.25, 0.25)), dict(scale_factor=(0.5, 0.5))]),
)


def test_every_step_stays_and_the_scale_is_that_of_the_test():
    other, packing = dict(type='Pad', size_divisor=32), dict(type='PackSegInputs', meta_keys=('a',))
    for resize, sizes in RESIZES:
        resize = dict(resize, type='Resize')
        pipeline = [LOAD, resize, dict(type='LoadLabels'), other, packing]
        first, augmented = varied(pipeline, TTA)
        assert first == LOAD
        assert augmented['transforms'] == [
            [dict(resize, **size) for size in sizes],
            TTA[1]['transforms'][1],
            [other],
            [dict(type='LoadLabels')],
            [packing],
        ]


def test_without_a_scale_of_the_test_that_of_the_files_is_varied():
    other = dict(type='Pad', size_divisor=32)
    steps = [LOAD, dict(type='LoadLabels'), other, dict(type='PackSegInputs')]
    *before, augmented = varied(steps, TTA)
    assert before == [LOAD, other]
    scales = [step['scale_factor'] for step in augmented['transforms'][0]]
    assert scales == [(0.5, 0.5), (1.0, 1.0)]


def test_an_absolute_size_of_the_variants_stays():
    absolute = [dict(type='TestTimeAug', transforms=[[dict(type='Resize', scale=(9, 9))]])]
    (augmented,) = varied([dict(type='Resize', scale=(5, 5))], absolute)
    assert augmented['transforms'] == [[dict(type='Resize', scale=(9, 9))]]


def test_by_command_line(tool, tiny_configs, trained_joint, tmp_path, monkeypatch):
    seen, encode_decode = set(), FuserSegmenter.encode_decode

    def spy(self, inputs, metas):
        seen.add((tuple(inputs.shape[2:]), metas[0].get('flip')))
        return encode_decode(self, inputs, metas)

    monkeypatch.setattr(FuserSegmenter, 'encode_decode', spy)
    config = tmp_path / 'scaled.py'
    steps = Config.fromfile(tiny_configs[1]).test_pipeline
    steps.insert(1, dict(type='Resize', scale=(96, 72), keep_ratio=True))
    config.write_text(
        f'_base_ = {str(tiny_configs[1])!r}\n'
        f'test_dataloader = dict(dataset=dict(pipeline={steps}))\n'
        "model = dict(test_cfg=dict(mode='whole'))\n"
    )
    words = 'test_fuser_segmenter.py', config, trained_joint.checkpoint, '--work-dir', tmp_path
    assert tool(*words, '--aug-test', '--eval', 'mIoU').error is None
    assert seen == {(size, flip) for size in ((72, 96), (108, 144)) for flip in (False, True)}


def test_one_variant_is_the_plain_test(tool, tiny_configs, trained_joint, tmp_path):
    config = tmp_path / 'one.py'
    only = dict(type='TestTimeAug', transforms=[[dict(type='Resize', scale_factor=1.0)]])
    config.write_text(f'_base_ = {str(tiny_configs[1])!r}\ntta_pipeline = [{only}]\n')
    words = 'test_fuser_segmenter.py', config, trained_joint.checkpoint, '--work-dir', tmp_path
    for name, more in (('plain', ()), ('augmented', ('--aug-test',))):
        assert tool(*words, '--out', tmp_path / f'{name}.pkl', *more).error is None
    plain, augmented = (mmengine.load(tmp_path / f'{n}.pkl') for n in ('plain', 'augmented'))
    np.testing.assert_array_equal(augmented, plain)
