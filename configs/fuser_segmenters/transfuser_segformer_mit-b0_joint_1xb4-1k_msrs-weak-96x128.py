# Joint training on half-size pairs, small enough for a CPU; the backbone starts from scratch.
_base_ = [
    '../_base_/models/transfuser_segformer_mit-b0.py',
    '../_base_/datasets/msrs-weak.py',
    '../_base_/schedules/slow_fuser_1k.py',
    '../_base_/default_runtime.py',
]
# A segmenter from scratch is content with bright persons on black. The low rate for the fuser and a
# heavy correlation term keep the rest of the scene; docs/weak_labels.md shows what each does.
model = dict(
    fuser=dict(
        init_cfg=dict(checkpoint='work_dirs/transfuser_avg_1xb4-1k_msrs-weak-96x128/iter_1000.pth')
    ),
    fusion_loss=dict(loss_weight=0.3),
    backbone=dict(init_cfg=None),
    test_cfg=dict(mode='whole'),
)
train_cfg = dict(val_interval=1000)
custom_hooks = [dict(type='FusionResultHook', interval=250), dict(type='ProgressBarHook')]
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
warm_start_config = 'configs/fuser/transfuser_avg_1xb4-1k_msrs-weak-96x128.py'
