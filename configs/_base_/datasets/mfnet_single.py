# MFNet's labels with one three-channel image a name: visible, infrared, or any method's fused one.
_base_ = './mfnet.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
val_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
test_dataloader = dict(dataset=dict(data_prefix=dict(ir_path='')))
