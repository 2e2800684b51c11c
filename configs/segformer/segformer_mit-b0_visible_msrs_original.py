# The visible baseline on MSRS as distributed.
_base_ = [
    '../_base_/models/segformer_mit-b0.py',
    '../_base_/datasets/msrs_original.py',
    '../_base_/schedules/joint_160k.py',
    '../_base_/default_runtime.py',
]
model = dict(data_preprocessor=dict(size={{_base_.crop_size}}))
train_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
val_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
test_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
custom_hooks = [dict(type='ProgressBarHook')]
