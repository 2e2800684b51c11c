# Warm start of `make demo`: a narrow TransFuser on drawn scenes, a minute on two cores.
_base_ = [
    '../_base_/models/transfuser.py',
    '../_base_/datasets/synthetic.py',
    '../_base_/schedules/warm_start_20k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    channels=(8, 16, 24, 32, 40),
    heads=(4, 4, 8, 8),
)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=20),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=20, end=150),
]
train_cfg = dict(max_iters=150, val_interval=150)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=150))
custom_hooks = [dict(type='FusionResultHook', interval=50), dict(type='ProgressBarHook')]
joint_config = 'configs/demo/transfuser_segformer_demo.py'
