# Joint training of DATFuse from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
model = dict(
    fuser=dict(type='DATFuse', stretch=False, init_cfg=dict(checkpoint='pretrain/datfuse.pth')),
)
warm_start_config = 'configs/fuser/datfuse_content_1xb4-2k5_msrs-96x128.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(['places.1', 'places.4'], dict(decay_mult=0.0)),
    ),
)
