# The fuser goes on from a lower learning rate.
_base_ = './1_fuser.py'
load_from = '{{$ZOO_RUN:work_dirs/zoo/content-s/seed_1}}/1_fuser/iter_6000.pth'
optim_wrapper = dict(optimizer=dict(lr=4e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=4000)
