# A quarter of the iterations, for `bffr downstream`, which trains many segmenters.
_base_ = './segformer_efficientnet-lite0_1xb4-4k_msrs-256x320.py'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=1000),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
