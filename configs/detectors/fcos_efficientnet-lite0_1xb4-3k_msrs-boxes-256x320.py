# A detector on visible images, infrared (IMAGES=ir) or fused ones; three hours on one core.
# IMAGES=DIR names a folder of fused images, absolute or in data_root.
_base_ = [
    '../_base_/models/fcos_efficientnet-lite0.py',
    '../_base_/datasets/msrs-boxes.py',
    '../_base_/schedules/detection_3k.py',
    '../_base_/default_runtime.py',
]
images = dict(dataset=dict(data_prefix=dict(img_path='{{$IMAGES:vis}}', ir_path='')))
train_dataloader = images
val_dataloader = images
test_dataloader = images
del images
