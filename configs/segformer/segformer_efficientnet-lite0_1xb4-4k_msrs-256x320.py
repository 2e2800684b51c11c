# A segmenter from ImageNet weights on visible images, infrared (IMAGES=ir) or fused ones.
# IMAGES=DIR names a folder of fused images, absolute or in data_root.
_base_ = [
    '../_base_/models/segformer_efficientnet-lite0.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
crop_size = (256, 320)
train_pipeline = [
    dict(type='LoadPair', keep=True),
    dict(type='LoadLabels', keep=True),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.6, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.95),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
images = dict(data_prefix=dict(img_path='{{$IMAGES:vis}}', ir_path=''))
train_dataloader = dict(dataset=dict(images, pipeline=train_pipeline))
val_dataloader = dict(dataset=images)
test_dataloader = dict(dataset=images)
del images
# With whole class weights, 1 / log(1.1 + share of the pixels), it learns more of what is rare.
# Adjusted logits keep it from seeing more than there is.
model = dict(
    decode_head=dict(
        loss_decode=dict(
            type='LogitAdjustedCrossEntropyLoss',
            class_weight=[1.4, 8.0, 9.5, 9.8, 10.3, 10.3, 10.4, 10.4, 10.3],
        )
    ),
)
optim_wrapper = dict(
    optimizer=dict(lr=4e-4),
    # The backbone's normalisation is called `bn`, as the head's, which does decay.
    paramwise_cfg=dict(
        norm_decay_mult=0.0, custom_keys=dict(head=dict(lr_mult=2.5, decay_mult=1.0))
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=200),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=200, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=4000)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=250, max_keep_ckpts=2))
# The mean of the weights, mostly over the last eighth of the iterations, is tested and saved.
average = dict(ema_type='MomentumAnnealingEMA', gamma=8, momentum=0.002, update_buffers=True)
custom_hooks = [dict(type='EMAHook', **average), dict(type='ProgressBarHook')]
del average
val_evaluator = [dict(type='ClassIoUMetric')]
test_evaluator = [
    dict(type='ClassIoUMetric'),
    dict(type='BoxHitMetric', boxes='data/msrs/boxes.csv', names=dict(bicycle='bike')),
]
