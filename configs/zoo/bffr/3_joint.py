# The paper's objective from a pretrained segmenter: its loss and a weak correlation term.
# The fuser learns slowly, so that the scene stays.
_base_ = [
    '../../_base_/models/segformer_efficientnet-lite0.py',
    '../../_base_/datasets/msrs.py',
    '../../_base_/datasets/msrs_large_crops.py',
    '../../_base_/schedules/joint_160k.py',
    '../../_base_/default_runtime.py',
]
license = 'Apache-2.0; trained on MSRS, RoadScene and ImageNet, see docs/licence.md for their terms'
crop_size = _base_.large_crop
scale = dict(type='RandomResize', scale=(640, 480), ratio_range=(0.6, 1.5), keep_ratio=True)
train_pipeline = [*_base_.large_crops[:2], scale, *_base_.large_crops[3:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
run = '{{$ZOO_RUN:work_dirs/zoo/bffr/seed_1}}'
segmenter = f'{run}/2_segmenter/iter_4000.pth'
model = dict(
    type='FuserSegmenter',
    fuser=dict(
        type='TransFuser',
        channels=(8, 16, 32, 48, 64),
        init_cfg=dict(type='Pretrained', checkpoint=f'{run}/1_fuser/iter_6000.pth'),
    ),
    fusion_loss=dict(type='CorrelationLoss', loss_weight=0.001),
    backbone=dict(init_cfg=dict(checkpoint=segmenter, prefix='backbone.')),
    decode_head=dict(
        init_cfg=dict(type='Pretrained', checkpoint=segmenter, prefix='decode_head.'),
        loss_decode=dict(class_weight=[1.2, 2.8, 3.1, 3.1, 3.2, 3.2, 3.2, 3.2, 3.2]),
    ),
)
del run, scale, segmenter
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        custom_keys=dict(fuser=dict(lr_mult=0.3), head=dict(lr_mult=1.0, decay_mult=1.0)),
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=50, end=1500),
]
train_cfg = dict(max_iters=1500, val_interval=1500)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100, max_keep_ckpts=2))
custom_hooks = [dict(type='FusionResultHook', interval=250), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
test_evaluator = [
    dict(type='ClassIoUMetric'),
    dict(type='BoxHitMetric', boxes='data/msrs/boxes.csv', names=dict(bicycle='bike')),
]
