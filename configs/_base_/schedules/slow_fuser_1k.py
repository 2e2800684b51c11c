# From scratch, except for the fuser, which learns at a twentieth of the rate.
_base_ = './from_scratch_1k.py'
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(fuser=dict(lr_mult=0.05))))
