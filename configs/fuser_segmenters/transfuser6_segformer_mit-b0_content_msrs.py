# The full-size fuser, which has gone on from the small one, and the small one's segmenter.
_base_ = './transfuser6-s_segformer_mit-b0_content_msrs.py'
small = 'work_dirs/transfuser6-s_segformer_mit-b0_content_msrs/iter_600.pth'
model = dict(
    fuser=dict(
        channels=(16, 32, 64, 96, 128),
        init_cfg=dict(checkpoint='work_dirs/transfuser6_content/iter_5000.pth'),
    ),
    backbone=dict(
        init_cfg=dict(_delete_=True, type='Pretrained', checkpoint=small, prefix='backbone.')
    ),
    decode_head=dict(init_cfg=dict(type='Pretrained', checkpoint=small, prefix='decode_head.')),
)
load_from = None
warm_start_config = 'configs/fuser/transfuser6_content.py'
