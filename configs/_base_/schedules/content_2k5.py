# One cycle of 2,500 iterations at a high learning rate.
_base_ = './warm_start_20k.py'
optim_wrapper = dict(optimizer=dict(lr=1e-3), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='OneCycleLR', eta_max=1e-3, total_steps=2500, pct_start=0.1, by_epoch=False)
]
train_cfg = dict(max_iters=2500, val_interval=2500)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100, max_keep_ckpts=2))
custom_hooks = [dict(type='FusionResultHook', interval=500), dict(type='ProgressBarHook')]
