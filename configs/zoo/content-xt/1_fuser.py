# A fuser for real time learns from scratch to fuse as the default model does.
_base_ = '../content-t/1_fuser.py'
model = dict(
    _delete_=True,
    type='BlockFuser',
    data_preprocessor={{_base_.data_preprocessor}},
    loss={{_base_.model.loss}},
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=12000),
]
train_cfg = dict(max_iters=12000, val_interval=12000)
