# SegFormer on FMB: visible images, infrared ones (IMAGES=Infrared) or fused ones (IMAGES=DIR).
# DIR is absolute, or in data_root. Give each kind its own --work-dir.
_base_ = [
    '../_base_/models/segformer_mit-b0.py',
    '../_base_/datasets/fmb.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=14))
images = dict(dataset=dict(data_prefix=dict(img_path='{{$IMAGES:Visible}}', ir_path='')))
train_dataloader = images
val_dataloader = images
test_dataloader = images
del images
custom_hooks = [dict(type='ProgressBarHook')]
