# Baseline: SegFormer on the visible image alone.
_base_ = [
    '../_base_/models/segformer_mit-b0.py',
    '../_base_/datasets/mfnet_single.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
custom_hooks = [dict(type='ProgressBarHook')]
