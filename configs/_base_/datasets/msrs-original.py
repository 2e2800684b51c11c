# MSRS as its authors distribute it (data/msrs, of msrs.py, is a part of it in another layout).
_base_ = './mfnet.py'
train = dict(
    data_root='data/msrs_original/train',
    ann_file='',
    data_prefix=dict(img_path='vi', ir_path='ir', seg_map_path='Segmentation_labels'),
)
test = dict(train, data_root='data/msrs_original/test')
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del train, test
