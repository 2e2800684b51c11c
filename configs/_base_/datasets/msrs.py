# MSRS at full size, nine classes; small crops at smaller scales, for a CPU.
_base_ = './mfnet.py'
data_root = 'data/msrs'
crop_size = (96, 128)
train_pipeline = [
    dict(type='LoadPair', keep=True),
    dict(type='LoadLabels', keep=True),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.4, 1.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='LoadLabels'), dict(type='PackSegInputs')]
train_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root, pipeline=test_pipeline))
test_dataloader = dict(
    num_workers=1,
    dataset=dict(data_root=data_root, ann_file='val.txt', pipeline=test_pipeline),
)
visual_dataloader = dict(dataset=dict(data_root=data_root, pipeline=test_pipeline))
