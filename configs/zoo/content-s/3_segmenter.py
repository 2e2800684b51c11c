# A segmenter from ImageNet weights learns on the images of the finished fuser.
_base_ = '../../segformer/segformer_efficientnet-lite0_1xb4-4k_msrs-256x320.py'
fuser = dict(
    type='TransFuser',
    channels=(8, 16, 32, 48, 64),
    init_cfg=dict(
        type='Pretrained',
        checkpoint='{{$ZOO_RUN:work_dirs/zoo/content-s/seed_1}}/2_fuser/iter_4000.pth',
    ),
)
pairs = dict(data_prefix=dict(img_path='vis', ir_path='ir'))
train_pipeline = [dict(type='LoadFused', fuser=fuser, keep=True), *_base_.train_pipeline[1:]]
test_pipeline = [dict(type='LoadFused', fuser=fuser), *_base_.test_pipeline[1:]]
train_dataloader = dict(dataset=dict(pairs, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pairs, pipeline=test_pipeline))
test_dataloader = val_dataloader
del pairs
