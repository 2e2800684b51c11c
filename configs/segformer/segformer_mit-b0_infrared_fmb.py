# The infrared baseline on FMB.
_base_ = './segformer_mit-b0_visible_fmb.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='Infrared')))
val_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='Infrared')))
test_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='Infrared')))
