# Pairs of two data sets without their labels, for phases that need none.
_base_ = './msrs.py'
crop_size = (128, 128)
unlabelled_pipeline = [
    dict(type='LoadPair', keep=True),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.5, 1.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(
        type='PairPhotoMetricDistortion',
        brightness_delta=16,
        contrast_range=(0.8, 1.25),
        saturation_range=(0.8, 1.25),
        hue_delta=4,
    ),
    dict(type='PackSegInputs'),
]
unlabelled = dict(
    type='PairDataset',
    data_prefix=dict(img_path='vis', ir_path='ir'),
    pipeline=unlabelled_pipeline,
)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(unlabelled, data_root='data/msrs', ann_file='train.txt'),
            dict(unlabelled, data_root='data/roadscene_train'),
        ],
    )
)
