# PST900 as its authors distribute it; tested at half of its 1280x720.
_base_ = './mfnet.py'
crop_size = (240, 320)
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='LoadLabels'),
    dict(type='RandomResize', scale=(640, 360), ratio_range=(0.7, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test = dict(
    type='PairDataset',
    data_root='data/PST900_RGBT_Dataset/test',
    ann_file='',
    data_prefix=dict(img_path='rgb', ir_path='thermal', seg_map_path='labels'),
    metainfo=dict(
        classes=('background', 'fire_extinguisher', 'backpack', 'hand_drill', 'survivor'),
        palette=[[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]],
    ),
)
train = dict(test, data_root='data/PST900_RGBT_Dataset/train', pipeline=train_pipeline)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del train, test
