# The small fuser, and a backbone without ImageNet weights; whole images are segmented.
_base_ = './transfuser_segformer_mit-b0.py'
model = dict(
    fuser=dict(channels=(8, 16, 32, 48, 64)),
    backbone=dict(init_cfg=None),
    test_cfg=dict(mode='whole'),
)
