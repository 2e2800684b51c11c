# The warm start on half-size pairs, small enough for a CPU.
_base_ = [
    '../_base_/models/transfuser.py',
    '../_base_/datasets/msrs-weak.py',
    '../_base_/schedules/from_scratch_1k.py',
    '../_base_/default_runtime.py',
]
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
optim_wrapper = dict(optimizer=dict(lr=6e-4))
train_cfg = dict(val_interval=1000)
default_hooks = dict(checkpoint=dict(save_best=None))
custom_hooks = [dict(type='FusionResultHook', interval=100), dict(type='ProgressBarHook')]
joint_config = (
    'configs/fuser_segmenters/transfuser_segformer_mit-b0_joint_1xb4-1k_msrs-weak-96x128.py'
)
