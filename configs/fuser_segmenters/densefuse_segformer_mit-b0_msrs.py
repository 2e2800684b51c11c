# Joint training of DenseFuse from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_msrs.py'
model = dict(
    fuser=dict(type='DenseFuse', init_cfg=dict(checkpoint='pretrain/densefuse_gray.pth')),
)
warm_start_config = 'configs/fuser/densefuse.py'
