# The warm start on MSRS as distributed.
_base_ = [
    '../_base_/models/transfuser.py',
    '../_base_/datasets/msrs-original.py',
    '../_base_/schedules/warm_start_20k.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=2)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
joint_config = (
    'configs/fuser_segmenters/transfuser_segformer_mit-b0_joint_1xb4-160k_msrs-original-240x320.py'
)
