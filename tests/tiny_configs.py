"""The repository's small configs on the drawn 48x64 pairs, with networks that take no time."""

from pathlib import Path

FUSER = 'configs/fuser/transfuser_avg_1xb4-1k_msrs-weak-96x128.py'
JOINT = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_joint_1xb4-1k_msrs-weak-96x128.py'

_COMMON = """
_base_ = {base!r}
crop_size = (48, 64)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadLabels'),
    dict(type='RandomResize', scale=(64, 48), ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='LoadLabels'), dict(type='PackSegInputs')]
loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    **loader, batch_size=2, dataset=dict(data_root={data!r}, pipeline=train_pipeline)
)
tested = dict(data_root={data!r}, pipeline=test_pipeline)
val_dataloader = dict(**loader, dataset=tested)
test_dataloader = dict(**loader, dataset=dict(tested, ann_file='test.txt'))
visual_dataloader = dict(dataset=dict(tested, ann_file='visual.txt', indices=None))
del loader, tested
param_scheduler = []
optim_wrapper = dict(optimizer=dict(lr=1e-3))
"""

_FUSER = """
model = dict(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2), data_preprocessor=dict(size=crop_size))
train_cfg = dict(max_iters=2, val_interval=2)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2, max_keep_ckpts=-1))
custom_hooks = [dict(type='FusionResultHook', interval=1), dict(type='ProgressBarHook')]
joint_config = {joint!r}
"""

_JOINT = """
model = dict(
    data_preprocessor=dict(size=crop_size),
    fuser=dict(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2)),
    backbone=dict(init_cfg=None),
    decode_head=dict(channels=16),
    test_cfg=dict(mode='slide', crop_size=(32, 48), stride=(16, 16)),
)
# The backbone needs 32 pixels, so no scale below 1.
tta_pipeline = [
    dict(type='LoadPair'),
    dict(
        type='TestTimeAug',
        transforms=[
            [dict(type='Resize', scale_factor=ratio, keep_ratio=True) for ratio in (1.0, 1.5)],
            [dict(type='RandomFlip', prob=0.0), dict(type='RandomFlip', prob=1.0)],
            [dict(type='LoadLabels')],
            [dict(type='PackSegInputs')],
        ],
    ),
]
train_cfg = dict(max_iters=2, val_interval=2)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2))
custom_hooks = [dict(type='FusionResultHook', interval=2), dict(type='ProgressBarHook')]
"""


def write_tiny_configs(
    root: Path, folder: Path, data: Path, joint_base: str = JOINT
) -> tuple[Path, Path]:
    """Write `tiny_fuser.py` and `tiny_joint.py` into a folder."""
    fuser, joint = folder / 'tiny_fuser.py', folder / 'tiny_joint.py'
    common = {'data': str(data), 'joint': str(joint)}
    fuser.write_text((_COMMON + _FUSER).format(base=str(root / FUSER), **common))
    joint.write_text((_COMMON + _JOINT).format(base=str(root / joint_base), **common))
    return fuser, joint


DETECTOR = (
    'configs/fuser_detectors/'
    'transfuser-s_fcos_efficientnet-lite0_joint_1xb4-600_msrs-boxes-192x256.py'
)

_DETECTOR = """
_base_ = {base!r}
crop_size = (48, 64)
boxes = dict(
    data_root={data!r}, boxes='boxes.csv', metainfo=dict(classes=('car', 'person', 'bike'))
)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadBoxes'),
    dict(type='RandomResize', scale=(64, 48), ratio_range=(0.8, 1.5), keep_ratio=True),
    dict(type='RandomBoxCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackBoxes'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='LoadBoxes'), dict(type='PackBoxes')]
loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(**loader, batch_size=2, dataset=dict(boxes, pipeline=train_pipeline))
tested = dict(boxes, pipeline=test_pipeline)
val_dataloader = dict(**loader, dataset=tested)
test_dataloader = dict(**loader, dataset=dict(tested, ann_file='test.txt'))
visual_dataloader = dict(dataset=dict(tested, ann_file='visual.txt', indices=None))
del loader, tested, boxes
model = dict(
    fuser=dict(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2), init_cfg=None),
    backbone=dict(
        _delete_=True,
        type='MixVisionTransformer',
        embed_dims=8,
        num_layers=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        out_indices=(1, 2, 3),
    ),
    neck=dict(in_channels=[8, 8, 8], out_channels=64),
    detector=dict(num_convs=1, score_thresh=0.0),
)
load_from = None
param_scheduler = []
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_iters=2, val_interval=2)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2))
custom_hooks = [dict(type='FusionResultHook', interval=2), dict(type='ProgressBarHook')]
"""


def write_tiny_detector(root: Path, folder: Path, data: Path) -> Path:
    """Write `tiny_detector.py`, a joint model with boxes, into a folder."""
    file = folder / 'tiny_detector.py'
    file.write_text(_DETECTOR.format(base=str(root / DETECTOR), data=str(data)))
    return file
