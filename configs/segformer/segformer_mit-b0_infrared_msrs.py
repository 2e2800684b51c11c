# The infrared baseline on MSRS at full size.
_base_ = './segformer_mit-b0_visible_msrs.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
val_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
test_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
