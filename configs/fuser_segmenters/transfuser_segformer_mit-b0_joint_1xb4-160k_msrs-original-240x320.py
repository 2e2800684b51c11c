# Joint training on MSRS as distributed, by the paper's recipe.
_base_ = [
    '../_base_/models/transfuser_segformer_mit-b0.py',
    '../_base_/datasets/msrs-original.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
warm_start_config = 'configs/fuser/transfuser_avg_1xb2-20k_msrs-original-240x320.py'
