# Detection and the content loss: better pictures, and boxes.
_base_ = './transfuser-s_fcos_efficientnet-lite0_joint_1xb4-600_msrs-boxes-192x256.py'
model = dict(
    fusion_loss=dict(
        _delete_=True, type='IntensityGradientLoss', gain=1.05, salience=0.2, range_weight=10.0
    )
)
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=1.0))))
