# The paper's objective from a pretrained segmenter: its loss and a light correlation term.
# The fuser learns slowly, so that the scene stays.
_base_ = '../content-s/3_joint.py'
model = dict(fusion_loss=dict(_delete_=True, type='CorrelationLoss', loss_weight=0.001))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=0.3))))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=50, end=1000),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
