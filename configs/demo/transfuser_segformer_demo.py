# Joint training of `make demo`, from scratch except for the warm start.
_base_ = [
    '../_base_/models/transfuser_segformer_mit-b0.py',
    '../_base_/datasets/synthetic.py',
    '../_base_/schedules/slow_fuser_1k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    fuser=dict(
        channels=(8, 16, 24, 32, 40),
        heads=(4, 4, 8, 8),
        init_cfg=dict(checkpoint='work_dirs/demo/warm_start/iter_150.pth'),
    ),
    backbone=dict(drop_path_rate=0.0, init_cfg=None),
    decode_head=dict(channels=64, dropout_ratio=0.0),
    test_cfg=dict(mode='whole'),
)
# A high rate, so that the segmenter learns from scratch at once, but a low one for the fuser: at
# the high one it leaves dark all that has no class.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(head=dict(lr_mult=2.0))))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=30),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=30, end=400),
]
train_cfg = dict(max_iters=400, val_interval=200)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=200))
custom_hooks = [dict(type='FusionResultHook', interval=100), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
# What makes the fuser's initial weights.
warm_start_config = 'configs/demo/transfuser_avg_demo.py'
