dataset_type = 'MFNetDataset'
data_root = 'data/mfnet'
crop_size = (240, 320)  # mmseg_bffr.apis.config.load_config lets the data preprocessor pad to it
scale = (640, 480)
# `keep` holds decoded files in memory: MFNet's take 1.2 GB a worker. Not for data of 10,000 pairs.
train_pipeline = [
    dict(type='LoadPair', keep=True),
    dict(type='LoadLabels', keep=True),
    dict(type='RandomResize', scale=scale, ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadPair'),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='LoadLabels'),  # after Resize: predictions are compared at the labels' own size
    dict(type='PackSegInputs'),
]
# Of this, --aug-test takes the variants; all other steps are those of the test's own pipeline.
tta_model = dict(type='SegTTAModel')
tta_step = dict(
    type='TestTimeAug',
    transforms=[
        [
            dict(type='Resize', scale_factor=ratio, keep_ratio=True)
            for ratio in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
        ],
        [dict(type='RandomFlip', prob=0.0), dict(type='RandomFlip', prob=1.0)],
        [dict(type='LoadLabels')],
        [dict(type='PackSegInputs')],
    ],
)
tta_pipeline = [dict(type='LoadPair'), tta_step]
train_dataloader = dict(
    batch_size=4,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='RunSampler'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='train.txt',
        data_prefix=dict(img_path='vis', ir_path='ir', seg_map_path='labels'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='val.txt',
        data_prefix=dict(img_path='vis', ir_path='ir', seg_map_path='labels'),
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = dict(val_dataloader, dataset=dict(val_dataloader['dataset'], ann_file='test.txt'))
# The pairs whose fused images are written during training: the first of val.
visual_dataloader = dict(
    val_dataloader,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(val_dataloader['dataset'], indices=8),
)
val_evaluator = dict(type='ClassIoUMetric')
test_evaluator = val_evaluator
