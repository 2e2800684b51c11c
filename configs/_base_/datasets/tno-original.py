# TNO as its author distributes it, a folder for each scene: a file lists the pairs. No split.
_base_ = './unlabelled.py'
whole = dict(
    data_root='data/TNO_Image_Fusion_Dataset',
    ann_file='{{fileDirname}}/tno_pairs.txt',
    data_prefix=dict(img_path='.', ir_path='.'),
)
train_dataloader = dict(dataset=whole)
val_dataloader = dict(dataset=whole)
test_dataloader = dict(dataset=whole)
visual_dataloader = dict(dataset=whole)
del whole
