# Joint training with SegFormer b5.
_base_ = './transfuser_segformer_mit-b2_joint_1xb4-160k_mfnet-240x320.py'
model = dict(
    backbone=dict(
        num_layers=[3, 6, 40, 3],
        init_cfg=dict(
            checkpoint='https://mmassets.onedl.ai/mmsegmentation/v0.5/pretrain/segformer/mit_b5_20220624-658746d9.pth'
        ),
    ),
)
