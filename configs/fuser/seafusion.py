# SeAFusion: its authors' weights load as they are; trained here, it starts from scratch.
_base_ = [
    '../_base_/models/transfuser6.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/content_2k5.py',
    '../_base_/default_runtime.py',
]
model = dict(
    type='SeAFusion',
    data_preprocessor=dict(size={{_base_.crop_size}}),
    loss=dict(_delete_=True, type='IntensityGradientLoss'),
)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
joint_config = 'configs/fuser_segmenters/seafusion_segformer_mit-b0_msrs.py'
