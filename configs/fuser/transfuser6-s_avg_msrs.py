# Warm start of the small fuser on two data sets, for a CPU. Detail that it does not learn here the
# joint phase does not bring back, so it is longer than imitating brightness asks for.
_base_ = [
    '../_base_/models/transfuser6-s.py',
    '../_base_/datasets/msrs_roadscene_unlabelled.py',
    '../_base_/schedules/content_2k5.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=250),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=250, end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=4000)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
joint_config = 'configs/fuser_segmenters/transfuser6-s_segformer_mit-b0_frozen_msrs.py'
