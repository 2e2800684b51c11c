# Warm start: the fuser alone learns to imitate the average image.
_base_ = [
    '../_base_/models/transfuser.py',
    '../_base_/datasets/mfnet.py',
    '../_base_/schedules/warm_start_20k.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=2)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
# The next step, named when training ends.
joint_config = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'
