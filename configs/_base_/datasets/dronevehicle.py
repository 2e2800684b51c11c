# DroneVehicle: vehicles from above; upright boxes around the turned ones of the infrared images.
_base_ = './boxes.py'
pairs = dict(
    metainfo=dict(classes=('car', 'truck', 'bus', 'van', 'freight car')),
    class_names={
        **{'feright car': 'freight car', 'feright_car': 'freight car', 'feright': 'freight car'},
        **{'freight_car': 'freight car', 'truvk': 'truck', '*': None},
    },
)
train = dict(
    pairs,
    data_root='data/DroneVehicle/train',
    data_prefix=dict(img_path='trainimg', ir_path='trainimgr'),
    boxes='trainlabelr',
)
val = dict(
    pairs,
    data_root='data/DroneVehicle/val',
    data_prefix=dict(img_path='valimg', ir_path='valimgr'),
    boxes='vallabelr',
)
test = dict(
    pairs,
    data_root='data/DroneVehicle/test',
    data_prefix=dict(img_path='testimg', ir_path='testimgr'),
    boxes='testlabelr',
)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=val)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=val)
del pairs, train, val, test
