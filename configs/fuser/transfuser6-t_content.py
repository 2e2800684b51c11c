# The smallest fuser learns the content loss, twice as long as the small one.
_base_ = './transfuser6-s_content.py'
model = dict(channels=(4, 8, 8, 16, 16), heads=(4, 8, 8, 8))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=250),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=250, end=5000),
]
train_cfg = dict(max_iters=5000, val_interval=5000)
