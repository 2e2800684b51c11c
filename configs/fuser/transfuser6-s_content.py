# The small fuser learns a content loss: not the paper's method, but pictures for the eye.
_base_ = [
    '../_base_/models/transfuser6-s.py',
    '../_base_/datasets/msrs_roadscene_unlabelled.py',
    '../_base_/schedules/content_2k5.py',
    '../_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=dict(size={{_base_.crop_size}}),
    loss=dict(_delete_=True, type='IntensityGradientLoss', salience=0.2, range_weight=40.0),
)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
