# LLVIP: streets by night.
_base_ = './unlabelled.py'
data_root = 'data/LLVIP'
train = dict(
    data_root=data_root, data_prefix=dict(img_path='visible/train', ir_path='infrared/train')
)
test = dict(data_root=data_root, data_prefix=dict(img_path='visible/test', ir_path='infrared/test'))
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del train, test
