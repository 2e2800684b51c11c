# DenseFuse.
_base_ = './seafusion.py'
model = dict(type='DenseFuse')
joint_config = 'configs/fuser_segmenters/densefuse_segformer_mit-b0_msrs.py'
