# Warm start of the small fuser on two data sets, for a CPU.
# Detail that it does not learn here the joint phase does not bring back, so it is longer than
# imitating brightness asks for.
_base_ = './transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py'
model = dict(loss=dict(_delete_=True, type='AverageFusionLoss'))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=250),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=250, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=4000)
joint_config = (
    'configs/fuser_segmenters/transfuser-s_segformer_mit-b0_frozen_1xb4-4k_msrs-96x128.py'
)
