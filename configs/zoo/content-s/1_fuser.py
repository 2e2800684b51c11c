# The small fuser learns the content loss from scratch.
_base_ = '../../fuser/transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py'
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=250),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=250, end=6000),
]
train_cfg = dict(max_iters=6000, val_interval=6000)
