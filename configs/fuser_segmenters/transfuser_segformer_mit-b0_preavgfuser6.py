# Joint training: the segmentation loss also trains the warm-started fuser.
_base_ = [
    '../_base_/models/transfuser_segformer_mit-b0.py',
    '../_base_/datasets/mfnet.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
# What makes the fuser's initial weights.
warm_start_config = 'configs/fuser/transfuser6_avg.py'
