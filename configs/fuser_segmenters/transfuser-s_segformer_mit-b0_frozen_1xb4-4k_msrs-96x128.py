# The middle phase, instead of ImageNet weights: the segmenter learns on the fuser's images.
# The warm-started fuser stays as it is, until the joint phase can tell it semantics.
_base_ = [
    '../_base_/models/transfuser-s_segformer_mit-b0.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    fuser=dict(
        init_cfg=dict(
            checkpoint='work_dirs/transfuser-s_avg_1xb4-4k_msrs-roadscene-128x128/iter_4000.pth'
        )
    ),
    fusion_loss=None,
    frozen_fuser=True,
    # All but the first are rare: 93 % of the pixels have no class.
    decode_head=dict(loss_decode=dict(class_weight=[1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0])),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys=dict(head=dict(lr_mult=1.0)))
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=100, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=2000)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=500, max_keep_ckpts=2))
custom_hooks = [dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric')]
warm_start_config = 'configs/fuser/transfuser-s_avg_1xb4-4k_msrs-roadscene-128x128.py'
