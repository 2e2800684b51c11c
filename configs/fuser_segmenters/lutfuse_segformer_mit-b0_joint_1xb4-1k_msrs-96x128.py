# Joint training of LUT-Fuse from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
model = dict(
    fuser=dict(
        type='LUTFuse', stretch=False, init_cfg=dict(checkpoint='pretrain/generator_context.pth')
    ),
)
warm_start_config = 'configs/fuser/lutfuse_content_1xb4-2k5_msrs-96x128.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(['stem.2', 'body.2', 'body.5', 'body.8'], dict(decay_mult=0.0)),
    ),
)
