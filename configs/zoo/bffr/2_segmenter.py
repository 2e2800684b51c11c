# The middle phase: a segmenter from ImageNet weights learns on the images of the warm start.
_base_ = '../content-s/3_segmenter.py'
checkpoint = '{{$ZOO_RUN:work_dirs/zoo/bffr/seed_1}}/1_fuser/iter_6000.pth'
fuser = dict(_base_.fuser, init_cfg=dict(type='Pretrained', checkpoint=checkpoint))
train_pipeline = [dict(type='LoadFused', fuser=fuser, keep=True), *_base_.train_pipeline[1:]]
test_pipeline = [dict(type='LoadFused', fuser=fuser), *_base_.test_pipeline[1:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
