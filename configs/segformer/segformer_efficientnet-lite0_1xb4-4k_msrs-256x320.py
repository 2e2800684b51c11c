# A segmenter from ImageNet weights on visible images, infrared (IMAGES=ir) or fused ones.
# IMAGES=DIR names a folder of fused images, absolute or in data_root.
_base_ = [
    '../_base_/models/segformer_efficientnet-lite0.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/pretrained_4k.py',
    '../_base_/default_runtime.py',
]
crop_size = (256, 320)
train_pipeline = [
    dict(type='LoadPair', keep=True),
    dict(type='LoadLabels', keep=True),
    dict(type='RandomResize', scale=(640, 480), ratio_range=(0.6, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.95),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PairPhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
images = dict(data_prefix=dict(img_path='{{$IMAGES:vis}}', ir_path=''))
train_dataloader = dict(dataset=dict(images, pipeline=train_pipeline))
val_dataloader = dict(dataset=images)
test_dataloader = dict(dataset=images)
del images
# With whole class weights, 1 / log(1.1 + share of the pixels), it learns more of what is rare.
# Adjusted logits keep it from seeing more than there is.
model = dict(
    decode_head=dict(
        loss_decode=dict(
            type='LogitAdjustedCrossEntropyLoss',
            class_weight=[1.4, 8.0, 9.5, 9.8, 10.3, 10.3, 10.4, 10.4, 10.3],
        )
    ),
)
val_evaluator = [dict(type='ClassIoUMetric')]
test_evaluator = [
    dict(type='ClassIoUMetric'),
    dict(type='BoxHitMetric', boxes='data/msrs/boxes.csv', names=dict(bicycle='bike')),
]
