# LLVIP: persons in streets by night.
_base_ = './boxes.py'
pairs = dict(data_root='data/LLVIP', boxes='Annotations', metainfo=dict(classes=('person',)))
train = dict(pairs, data_prefix=dict(img_path='visible/train', ir_path='infrared/train'))
test = dict(pairs, data_prefix=dict(img_path='visible/test', ir_path='infrared/test'))
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del pairs, train, test
