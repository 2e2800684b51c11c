# Warm start of the small fuser on MSRS, for a CPU.
_base_ = [
    '../_base_/models/transfuser6-s.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/warm_start_20k.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=100, end=800),
]
train_cfg = dict(max_iters=800, val_interval=800)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100, max_keep_ckpts=2))
custom_hooks = [dict(type='FusionResultHook', interval=400), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
joint_config = 'configs/fuser_segmenters/transfuser6-s_segformer_mit-b0_frozen_msrs.py'
