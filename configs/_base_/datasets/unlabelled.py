# The base of data sets without labels: crops for training, whole images at native size for tests.
_base_ = './mfnet.py'
crop_size = (240, 320)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='PackSegInputs')]
train = dict(
    type='PairDataset',
    ann_file='',
    data_prefix=dict(seg_map_path=''),
    pipeline=train_pipeline,
)
test = dict(train, pipeline=test_pipeline)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del train, test
