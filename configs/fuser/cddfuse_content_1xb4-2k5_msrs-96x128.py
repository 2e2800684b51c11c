# CDDFuse.
_base_ = './seafusion_content_1xb4-2k5_msrs-96x128.py'
model = dict(type='CDDFuse')
joint_config = 'configs/fuser_segmenters/cddfuse_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
