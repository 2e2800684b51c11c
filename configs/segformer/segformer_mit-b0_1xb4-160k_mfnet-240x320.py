# SegFormer on MFNet: visible images, infrared ones (IMAGES=ir) or fused ones (IMAGES=DIR).
# DIR is absolute, or in data_root. Give each kind its own --work-dir.
_base_ = [
    '../_base_/models/segformer_mit-b0.py',
    '../_base_/datasets/mfnet.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
images = dict(dataset=dict(data_prefix=dict(img_path='{{$IMAGES:vis}}', ir_path='')))
train_dataloader = images
val_dataloader = images
test_dataloader = images
del images
custom_hooks = [dict(type='ProgressBarHook')]
