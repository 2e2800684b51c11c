# Both go on as one: the content loss and segmentation teach the fuser.
# It has more to learn yet than the segmenter, so its rate is higher.
_base_ = [
    '../../_base_/models/segformer_efficientnet-lite0.py',
    '../../_base_/datasets/msrs.py',
    '../../_base_/datasets/msrs_large_crops.py',
    '../../_base_/schedules/joint_160k.py',
    '../../_base_/default_runtime.py',
]
license = 'Apache-2.0; trained on MSRS, RoadScene and ImageNet, see docs/licence.md for their terms'
crop_size = {{_base_.large_crop}}
train_dataloader = dict(dataset=dict(pipeline={{_base_.large_crops}}))
run = '{{$ZOO_RUN:work_dirs/zoo/content-s/seed_1}}'
segmenter = f'{run}/2_segmenter/iter_4000.pth'
model = dict(
    type='FuserSegmenter',
    fuser=dict(
        type='TransFuser',
        channels=(8, 16, 32, 48, 64),
        init_cfg=dict(type='Pretrained', checkpoint=f'{run}/1_fuser/iter_6000.pth'),
    ),
    fusion_loss=dict(
        type='IntensityGradientLoss', gain=1.05, salience=0.2, range_weight=10.0, loss_weight=4.0
    ),
    backbone=dict(init_cfg=dict(checkpoint=segmenter, prefix='backbone.')),
    decode_head=dict(
        init_cfg=dict(type='Pretrained', checkpoint=segmenter, prefix='decode_head.'),
        loss_decode=dict(class_weight=[1.2, 2.8, 3.1, 3.1, 3.2, 3.2, 3.2, 3.2, 3.2]),
    ),
)
del run, segmenter
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        custom_keys=dict(fuser=dict(lr_mult=3.0), head=dict(lr_mult=1.0, decay_mult=1.0)),
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=50, end=2000),
]
train_cfg = dict(max_iters=2000, val_interval=2000)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100, max_keep_ckpts=2))
custom_hooks = [dict(type='FusionResultHook', interval=250), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
test_evaluator = [
    dict(type='ClassIoUMetric'),
    dict(type='BoxHitMetric', boxes='data/msrs/boxes.csv', names=dict(bicycle='bike')),
]
