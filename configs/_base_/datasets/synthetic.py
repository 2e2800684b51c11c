# The drawn street scenes of tools/dataset_converters/synthetic.py.
_base_ = './mfnet.py'
data_root = 'data/demo'
crop_size = (96, 128)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadLabels'),
    dict(type='RandomResize', scale=(128, 96), ratio_range=(1.0, 1.5), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='LoadLabels'), dict(type='PackSegInputs')]
train_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root, pipeline=test_pipeline))
test_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root, pipeline=test_pipeline))
visual_dataloader = dict(dataset=dict(data_root=data_root, pipeline=test_pipeline))
