# LUT-Fuse; put its table `fine_tuned_lut.npy` beside the file of its network.
_base_ = './seafusion_content_1xb4-2k5_msrs-96x128.py'
model = dict(type='LUTFuse', stretch=False)
joint_config = 'configs/fuser_segmenters/lutfuse_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(['stem.2', 'body.2', 'body.5', 'body.8'], dict(decay_mult=0.0)),
    ),
)
