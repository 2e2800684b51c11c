# FMB as its authors distribute it: 0 in the label maps is ignored, 14 classes follow.
_base_ = './mfnet.py'
crop_size = (240, 320)
scale = (800, 600)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadLabels'),
    dict(type='RandomResize', scale=scale, ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadPair'),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='LoadLabels'),
    dict(type='PackSegInputs'),
]
classes = {
    'Road': [228, 228, 179],
    'Sidewalk': [133, 57, 181],
    'Building': [177, 162, 67],
    'Lamp': [50, 178, 200],
    'Sign': [199, 45, 132],
    'Vegetation': [84, 172, 66],
    'Sky': [79, 73, 179],
    'Person': [166, 99, 76],
    'Car': [253, 121, 66],
    'Truck': [91, 165, 137],
    'Bus': [152, 97, 155],
    'Motorcycle': [140, 153, 105],
    'Bicycle': [158, 215, 222],
    'Pole': [90, 113, 135],
}
train = dict(
    type='PairDataset',
    data_root='data/FMB/train',
    ann_file='',
    data_prefix=dict(img_path='Visible', ir_path='Infrared', seg_map_path='Label'),
    metainfo=dict(classes=tuple(classes), palette=list(classes.values())),
    reduce_zero_label=True,
    pipeline=train_pipeline,
)
test = dict(train, data_root='data/FMB/test', pipeline=test_pipeline)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del classes, train, test
