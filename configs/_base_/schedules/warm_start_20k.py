# Stops at 20,000 iterations on the schedule of the full 160,000.
_base_ = './joint_160k.py'
optim_wrapper = dict(optimizer=dict(lr=6e-4))
train_cfg = dict(max_iters=20000)
default_hooks = dict(checkpoint=dict(interval=1000, save_best=None))
