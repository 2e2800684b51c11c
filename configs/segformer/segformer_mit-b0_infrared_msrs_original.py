# The infrared baseline on MSRS as distributed.
_base_ = './segformer_mit-b0_visible_msrs_original.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
val_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
test_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
