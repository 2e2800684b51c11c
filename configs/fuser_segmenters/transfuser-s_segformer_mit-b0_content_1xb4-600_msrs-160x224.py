# Segmentation and the content loss: better pictures, and masks.
# docs/training.md says how to make the checkpoint that it starts from.
_base_ = './transfuser-s_segformer_mit-b0_joint_1xb4-600_msrs-160x224.py'
model = dict(
    fusion_loss=dict(
        _delete_=True, type='IntensityGradientLoss', gain=1.05, salience=0.2, range_weight=10.0
    )
)
load_from = (
    'work_dirs/transfuser-s_segformer_mit-b0_frozen-content_1xb4-4k_msrs-96x128/iter_4000.pth'
)
optim_wrapper = dict(
    optimizer=dict(lr=2e-4), paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=1.0)))
)
warm_start_config = 'configs/fuser/transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py'
