# MFNet's labels with one three-channel image a name: visible, infrared, or any method's fused one.
_base_ = './mfnet.py'
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadLabels'),
    dict(type='RandomResize', scale={{_base_.scale}}, ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size={{_base_.crop_size}}, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale={{_base_.scale}}, keep_ratio=True),
    dict(type='LoadLabels'),
    dict(type='PackSegInputs'),
]
tta_pipeline = [dict(type='LoadImageFromFile'), {{_base_.tta_step}}]
train_dataloader = dict(dataset=dict(data_prefix=dict(ir_path=''), pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=dict(ir_path=''), pipeline=test_pipeline))
test_dataloader = val_dataloader
