_base_ = './segformer_mit-b0.py'
model = dict(
    type='FuserSegmenter',
    fuser=dict(
        type='TransFuser',
        init_cfg=dict(type='Pretrained', checkpoint='pretrain/avg_fuser.pth'),
    ),
    fusion_loss=dict(type='CorrelationLoss', loss_weight=0.001),  # None leaves it out
    test_cfg=dict(with_fused=True),  # for FusionMetric
)
