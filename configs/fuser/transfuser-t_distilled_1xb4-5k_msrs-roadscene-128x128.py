# The smallest fuser learns to fuse as the default model does.
_base_ = './transfuser-t_content_1xb4-2k5_msrs-roadscene-128x128.py'
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
teacher = dict(
    type='TransFuser',
    channels=(8, 16, 32, 48, 64),
    init_cfg=dict(type='Pretrained', checkpoint='mmseg_bffr/zoo/content-s-2026-11/weights.pth'),
)
model = dict(loss=dict(_delete_=True, type='DistillationLoss', teacher=teacher))
load_from = 'work_dirs/transfuser-t_content_1xb4-2k5_msrs-roadscene-128x128/iter_2500.pth'
optim_wrapper = dict(optimizer=dict(lr=1.5e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=100, end=5000),
]
train_cfg = dict(max_iters=5000, val_interval=5000)
