# Boxes on MSRS's pairs, drawn by people on a fused image.
_base_ = './boxes.py'
pairs = dict(
    data_root='data/msrs',
    boxes='boxes.csv',
    metainfo=dict(classes=('person', 'bicycle', 'car')),
)
train_pipeline = [dict(type='LoadPair', keep=True), *_base_.train_pipeline[1:]]
train = dict(pairs, ann_file='train.txt', pipeline=train_pipeline)
test = dict(pairs, ann_file='val.txt')
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del pairs, train, test
