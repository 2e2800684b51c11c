# The paper's objective from a pretrained segmenter: its loss and a light correlation term.
# The fuser learns slowly, so that the scene stays.
_base_ = '../content-s/3_joint.py'
model = dict(fusion_loss=dict(_delete_=True, type='CorrelationLoss', loss_weight=0.001))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=0.3))))
