# The base of data sets with boxes: crops at several scales for training, whole images for tests.
_base_ = './unlabelled.py'
crop_size = (256, 320)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadBoxes'),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.6, 1.6), keep_ratio=True),
    dict(type='RandomBoxCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackBoxes'),
]
test_pipeline = [dict(type='LoadPair'), dict(type='LoadBoxes'), dict(type='PackBoxes')]
train = dict(type='PairDetectionDataset', pipeline=train_pipeline)
test = dict(train, pipeline=test_pipeline)
train_dataloader = dict(num_workers=1, dataset=train)
val_dataloader = dict(num_workers=1, dataset=test)
test_dataloader = dict(num_workers=1, dataset=test)
visual_dataloader = dict(dataset=test)
val_evaluator = dict(type='BoxMetric')
test_evaluator = val_evaluator
del train, test
