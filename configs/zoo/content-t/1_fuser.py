# The smallest fuser learns from scratch to fuse as the default model does.
_base_ = '../../fuser/transfuser-t_distilled_1xb4-5k_msrs-roadscene-128x128.py'
load_from = None
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=8000),
]
train_cfg = dict(max_iters=8000, val_interval=8000)
