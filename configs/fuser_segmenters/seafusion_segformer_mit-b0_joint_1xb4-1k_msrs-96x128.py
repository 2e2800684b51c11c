# Joint training of SeAFusion from its authors' weights; the segmenter starts from scratch.
_base_ = [
    '../_base_/models/transfuser_segformer_mit-b0.py',
    '../_base_/datasets/msrs.py',
    '../_base_/schedules/from_scratch_1k.py',
    '../_base_/default_runtime.py',
]
model = dict(
    fuser=dict(type='SeAFusion', init_cfg=dict(checkpoint='pretrain/seafusion.pth')),
    fusion_loss=dict(_delete_=True, type='IntensityGradientLoss'),
    backbone=dict(init_cfg=None),
    test_cfg=dict(mode='whole'),
)
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=0.05))))
warm_start_config = 'configs/fuser/seafusion_content_1xb4-2k5_msrs-96x128.py'
