# M3FD's pairs for detection: they have no split, so write train.txt and val.txt yourself.
_base_ = './boxes.py'
pairs = dict(
    data_root='data/M3FD_Detection',
    data_prefix=dict(img_path='Vis', ir_path='Ir'),
    boxes='Annotation',
    metainfo=dict(classes=('People', 'Car', 'Bus', 'Motorcycle', 'Lamp', 'Truck')),
)
train = dict(pairs, ann_file='train.txt')
test = dict(pairs, ann_file='val.txt')
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del pairs, train, test
