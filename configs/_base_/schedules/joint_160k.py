# SegFormer's schedule: linear warm-up, then linear decay to zero at 160,000 iterations.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=6e-5, betas=(0.9, 0.999), weight_decay=0.01),
    constructor='CombinedKeysConstructor',
    paramwise_cfg=dict(
        # By parts of parameter names, as the authors have it: the head's normalisation is called
        # `bn`, the last of a stage of MixVisionTransformer `layers.N.2`; these do decay.
        custom_keys={
            'pos_block': dict(decay_mult=0.0),
            'norm': dict(decay_mult=0.0),
            'head': dict(lr_mult=10.0),
        }
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, by_epoch=False, begin=0, end=1500),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=1500, end=160000),
]
train_cfg = dict(type='ResumableTrainLoop', max_iters=160000, val_interval=2000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='AtomicCheckpointHook', by_epoch=False, interval=2000, save_best='mIoU'),
    iteration_seed=dict(type='IterationSeedHook'),
    missed_validation=dict(type='MissedValidationHook'),
    finite=dict(type='FiniteHook'),
    run_record=dict(type='RunRecordHook'),
)
custom_hooks = [dict(type='FusionResultHook', interval=2000), dict(type='ProgressBarHook')]
