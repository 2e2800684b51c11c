# The paper's objective with boxes: detection and a weak correlation term, after the middle phase.
# The fuser learns slowly, so that the scene stays.
_base_ = './transfuser-s_fcos_efficientnet-lite0_frozen_1xb4-3k_msrs-boxes-256x320.py'
crop_size = (192, 256)
train_pipeline = [
    step if step['type'] != 'RandomBoxCrop' else dict(step, crop_size=(192, 256))
    for step in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
model = dict(frozen_fuser=False, fusion_loss=dict(type='CorrelationLoss', loss_weight=0.001))
load_from = (
    'work_dirs/transfuser-s_fcos_efficientnet-lite0_frozen_1xb4-3k_msrs-boxes-256x320/iter_3000.pth'
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(custom_keys=dict(head=dict(lr_mult=1.0), fuser=dict(lr_mult=0.5))),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=50, end=600),
]
train_cfg = dict(max_iters=600, val_interval=600)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100))
custom_hooks = [dict(type='FusionResultHook', interval=200), dict(type='ProgressBarHook')]
