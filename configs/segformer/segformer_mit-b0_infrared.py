# Baseline: SegFormer on the infrared image alone, its one channel repeated.
_base_ = './segformer_mit-b0_visible.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
val_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
test_dataloader = dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))
