# The full-size fuser, which started from the small one, and the small one's segmenter.
_base_ = './transfuser-s_segformer_mit-b0_content_1xb4-600_msrs-160x224.py'
small = 'work_dirs/transfuser-s_segformer_mit-b0_content_1xb4-600_msrs-160x224/iter_600.pth'
model = dict(
    fuser=dict(
        channels=(16, 32, 64, 96, 128),
        init_cfg=dict(
            checkpoint='work_dirs/transfuser_content_1xb4-5k_msrs-roadscene-128x128/iter_5000.pth'
        ),
    ),
    backbone=dict(
        init_cfg=dict(_delete_=True, type='Pretrained', checkpoint=small, prefix='backbone.')
    ),
    decode_head=dict(init_cfg=dict(type='Pretrained', checkpoint=small, prefix='decode_head.')),
)
load_from = None
warm_start_config = 'configs/fuser/transfuser_content_1xb4-5k_msrs-roadscene-128x128.py'
