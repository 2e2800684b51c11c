# 2,500 iterations at a high learning rate.
_base_ = './warm_start_20k.py'
optim_wrapper = dict(optimizer=dict(lr=1e-3), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=250),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=250, end=2500),
]
train_cfg = dict(max_iters=2500, val_interval=2500)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100, max_keep_ckpts=2))
custom_hooks = [dict(type='FusionResultHook', interval=500), dict(type='ProgressBarHook')]
