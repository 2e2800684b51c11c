# Segmentation and the content loss: pictures for the eye, with semantics on top. docs/training.md
# says how to make the checkpoint that it starts from.
_base_ = './transfuser6-s_segformer_mit-b0_joint_msrs.py'
model = dict(fusion_loss=dict(_delete_=True, type='IntensityGradientLoss', loss_weight=2.0))
load_from = 'work_dirs/transfuser6-s_segformer_mit-b0_frozen-content_msrs/iter_4000.pth'
optim_wrapper = dict(optimizer=dict(lr=3e-4))
