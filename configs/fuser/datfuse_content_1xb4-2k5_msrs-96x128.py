# DATFuse.
_base_ = './seafusion_content_1xb4-2k5_msrs-96x128.py'
model = dict(type='DATFuse', stretch=False)
joint_config = 'configs/fuser_segmenters/datfuse_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(['places.1', 'places.4'], dict(decay_mult=0.0)),
    ),
)
