# FLIR's ADAS pairs that were aligned by Zhang et al. (2020): both kinds of image in one folder.
_base_ = './boxes.py'
pairs = dict(
    data_root='data/align',
    data_prefix=dict(img_path='JPEGImages/*_RGB', ir_path='JPEGImages/*_PreviewData'),
    boxes='Annotations',
    metainfo=dict(classes=('person', 'bicycle', 'car')),
    class_names=dict(dog=None),  # too few, as in the papers on this set
)
train = dict(pairs, ann_file='align_train.txt')
test = dict(pairs, ann_file='align_validation.txt')
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del pairs, train, test
