# The warm start on half-size pairs, small enough for a CPU.
_base_ = [
    '../_base_/models/transfuser6.py',
    '../_base_/datasets/msrs-weak.py',
    '../_base_/schedules/warm_start_20k.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, by_epoch=False, begin=0, end=100),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=100, end=1000),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100))
custom_hooks = [dict(type='FusionResultHook', interval=100), dict(type='ProgressBarHook')]
joint_config = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6_msrs-weak.py'
