# Larger crops than msrs.py, for segmenters that already know the classes.
large_crop = (160, 224)
large_crops = [
    dict(type='LoadPair', keep=True),
    dict(type='LoadLabels', keep=True),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.5, 1.1), keep_ratio=True),
    dict(type='RandomCrop', crop_size=large_crop, cat_max_ratio=0.85),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
