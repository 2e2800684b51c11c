data_preprocessor = dict(
    type='SegDataPreProcessor',
    # Only a division by 255: the fuser works on luma in [0, 1], not on ImageNet statistics.
    mean=[0.0],
    std=[255.0],
    pad_val=0,
    seg_pad_val=255,
)
model = dict(
    type='TransFuser',
    data_preprocessor=data_preprocessor,
    loss=dict(type='AverageFusionLoss'),
)
