# The visible baseline on MSRS at full size, small enough for a CPU; from scratch.
_base_ = [
    '../_base_/models/segformer_mit-b0.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/from_scratch_1k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=dict(size={{_base_.crop_size}}),
    backbone=dict(init_cfg=None),
    test_cfg=dict(mode='whole'),
)
train_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
val_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
test_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
custom_hooks = [dict(type='ProgressBarHook')]
