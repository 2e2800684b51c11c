# The paper's objective after the middle phase: segmentation and a weak correlation term.
# The fuser learns slowly, so that the scene stays.
_base_ = [
    './transfuser-s_segformer_mit-b0_frozen_1xb4-4k_msrs-96x128.py',
    '../_base_/datasets/msrs_large_crops.py',
]
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
crop_size = {{_base_.large_crop}}
train_dataloader = dict(dataset=dict(pipeline={{_base_.large_crops}}))
model = dict(
    frozen_fuser=False,
    fusion_loss=dict(_delete_=True, type='CorrelationLoss', loss_weight=0.001),
)
load_from = 'work_dirs/transfuser-s_segformer_mit-b0_frozen_1xb4-4k_msrs-96x128/iter_4000.pth'
optim_wrapper = dict(
    optimizer=dict(lr=3e-4), paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=0.15)))
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=50, end=600),
]
train_cfg = dict(max_iters=600, val_interval=600)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100))
custom_hooks = [dict(type='FusionResultHook', interval=200), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
