# Joint training on half-size pairs, small enough for a CPU; the backbone starts from scratch.
_base_ = [
    '../_base_/models/transfuser6_segformer_mit-b0.py',
    '../_base_/datasets/msrs-weak_120x160.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=dict(size={{_base_.crop_size}}),
    fuser=dict(
        init_cfg=dict(checkpoint='work_dirs/transfuser6_avg_msrs-weak-120x160/iter_2000.pth')
    ),
    backbone=dict(init_cfg=None),
    test_cfg=dict(crop_size=(120, 160), stride=(60, 80)),
)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, by_epoch=False, begin=0, end=100),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=100, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=500)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=500))
custom_hooks = [dict(type='FusionResultHook', interval=500), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
warm_start_config = (
    'configs/fuser/transfuser6_avg_msrs-weak-120x160.py'  # what makes the fuser's initial weights
)
