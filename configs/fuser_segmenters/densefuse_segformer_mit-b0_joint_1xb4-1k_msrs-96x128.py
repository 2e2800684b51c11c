# Joint training of DenseFuse from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
model = dict(
    fuser=dict(type='DenseFuse', init_cfg=dict(checkpoint='pretrain/densefuse_gray.pth')),
)
warm_start_config = 'configs/fuser/densefuse_content_1xb4-2k5_msrs-96x128.py'
