# 4,000 iterations of a network that starts from ImageNet weights, for a CPU. The mean of the
# weights, mostly over the last eighth of the iterations, is tested and saved.
_base_ = './joint_160k.py'
optim_wrapper = dict(
    optimizer=dict(lr=4e-4),
    # The backbone's normalisation is called `bn`, as is that of some heads, which does decay.
    paramwise_cfg=dict(
        norm_decay_mult=0.0, custom_keys=dict(head=dict(lr_mult=2.5, decay_mult=1.0))
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=200),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=200, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=4000)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=250, max_keep_ckpts=2))
average = dict(ema_type='MomentumAnnealingEMA', gamma=8, momentum=0.002, update_buffers=True)
custom_hooks = [dict(type='EMAHook', **average), dict(type='ProgressBarHook')]
del average
