# IFCNN-MAX, whose authors save its images as they are.
_base_ = './seafusion.py'
model = dict(type='IFCNN', stretch=False)
joint_config = 'configs/fuser_segmenters/ifcnn_segformer_mit-b0_msrs.py'
