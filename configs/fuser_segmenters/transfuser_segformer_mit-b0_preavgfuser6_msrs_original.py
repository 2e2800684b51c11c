# Joint training on MSRS as distributed, by the paper's recipe.
_base_ = [
    '../_base_/models/transfuser6_segformer_mit-b0.py',
    '../_base_/datasets/msrs_original.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
warm_start_config = 'configs/fuser/transfuser6_avg_msrs_original.py'
