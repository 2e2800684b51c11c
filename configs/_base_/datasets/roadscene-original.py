# RoadScene as its authors distribute it: no split, so every part is the whole set.
_base_ = './unlabelled.py'
whole = dict(
    data_root='data/roadscene_original',
    data_prefix=dict(img_path='crop_LR_visible', ir_path='cropinfrared'),
)
train_dataloader = dict(dataset=whole)
val_dataloader = dict(dataset=whole)
test_dataloader = dict(dataset=whole)
visual_dataloader = dict(dataset=whole)
del whole
