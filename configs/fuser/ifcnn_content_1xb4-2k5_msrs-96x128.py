# IFCNN-MAX, whose authors save its images as they are.
_base_ = './seafusion_content_1xb4-2k5_msrs-96x128.py'
model = dict(type='IFCNN', stretch=False)
joint_config = 'configs/fuser_segmenters/ifcnn_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
