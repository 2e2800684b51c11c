# SeAFusion: loads its authors' weights as they are; a training starts from scratch.
_base_ = [
    '../_base_/models/transfuser.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/content_2k5.py',
    '../_base_/default_runtime.py',
]
model = dict(
    type='SeAFusion',
    loss=dict(_delete_=True, type='IntensityGradientLoss'),
)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
joint_config = 'configs/fuser_segmenters/seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
