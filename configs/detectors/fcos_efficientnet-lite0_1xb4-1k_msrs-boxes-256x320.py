# A third of the iterations, for `bffr downstream`, which trains many detectors.
_base_ = './fcos_efficientnet-lite0_1xb4-3k_msrs-boxes-256x320.py'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=1000),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
