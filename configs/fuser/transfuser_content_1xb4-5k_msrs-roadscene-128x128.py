# The full-size fuser starts from the small one, which has learned the content loss.
# tools/model_converters/widen.py doubles the channels.
_base_ = './transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py'
model = dict(channels=(16, 32, 64, 96, 128))
load_from = 'work_dirs/transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128/wide.pth'
optim_wrapper = dict(optimizer=dict(lr=2.5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, by_epoch=False, begin=0, end=200),
    dict(type='CosineAnnealingLR', eta_min=1e-5, by_epoch=False, begin=200, end=5000),
]
train_cfg = dict(max_iters=5000, val_interval=5000)
