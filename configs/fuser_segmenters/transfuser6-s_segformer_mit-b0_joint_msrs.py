# The paper's objective after the middle phase: segmentation and a light correlation term.
_base_ = './transfuser6-s_segformer_mit-b0_frozen_msrs.py'
model = dict(
    frozen_fuser=False,
    fusion_loss=dict(_delete_=True, type='CorrelationLoss', loss_weight=0.001),
)
load_from = 'work_dirs/transfuser6-s_segformer_mit-b0_frozen_msrs/iter_4000.pth'
optim_wrapper = dict(optimizer=dict(lr=1.5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=50, end=1000),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100))
custom_hooks = [dict(type='FusionResultHook', interval=250), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
