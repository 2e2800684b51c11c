# The segmenter is trained further on the fuser's images; the fuser stays as it is.
_base_ = '../../segformer/segformer_efficientnet-lite0_1xb4-4k_msrs-256x320.py'
license = 'Apache-2.0; trained on MSRS, RoadScene and ImageNet, see docs/licence.md for their terms'
pairs = dict(dataset=dict(data_prefix=dict(img_path='vis', ir_path='ir')))
train_dataloader = pairs
val_dataloader = pairs
test_dataloader = pairs
del pairs
run = '{{$ZOO_RUN:work_dirs/zoo/content-s/seed_1}}'
segmenter = f'{run}/3_segmenter/iter_4000.pth'
model = dict(
    type='FuserSegmenter',
    fuser=dict(
        type='TransFuser',
        channels=(8, 16, 32, 48, 64),
        init_cfg=dict(type='Pretrained', checkpoint=f'{run}/2_fuser/iter_4000.pth'),
    ),
    frozen_fuser=True,
    backbone=dict(init_cfg=dict(checkpoint=segmenter, prefix='backbone.')),
    decode_head=dict(init_cfg=dict(type='Pretrained', checkpoint=segmenter, prefix='decode_head.')),
)
del run, segmenter
optim_wrapper = dict(optimizer=dict(lr=2e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=False, begin=50, end=400),
]
train_cfg = dict(max_iters=400, val_interval=400)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=100))
val_evaluator = [dict(type='ClassIoUMetric'), dict(type='FusionMetric')]
