# The small fuser learns a content loss: not the paper's method, but better pictures.
_base_ = [
    '../_base_/models/transfuser-s.py',
    '../_base_/datasets/msrs-roadscene.py',
    '../_base_/schedules/content_2k5.py',
    '../_base_/default_runtime.py',
]
model = dict(
    loss=dict(
        _delete_=True, type='IntensityGradientLoss', gain=1.05, salience=0.2, range_weight=10.0
    ),
)
val_evaluator = [dict(type='FusionMetric')]
test_evaluator = val_evaluator
