# Joint training of CDDFuse from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
model = dict(
    fuser=dict(type='CDDFuse', init_cfg=dict(checkpoint='pretrain/CDDFuse_IVF.pth')),
)
warm_start_config = 'configs/fuser/cddfuse_content_1xb4-2k5_msrs-96x128.py'
