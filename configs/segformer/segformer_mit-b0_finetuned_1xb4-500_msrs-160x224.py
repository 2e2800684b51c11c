# SegFormer on images of one kind, from one that already knows the classes.
# That was on images of a fuser after its warm start
# (transfuser-s_segformer_mit-b0_frozen_1xb4-4k_msrs-96x128.py).
_base_ = ['./segformer_mit-b0_1xb4-1k_msrs-96x128.py', '../_base_/datasets/msrs_large_crops.py']
crop_size = {{_base_.large_crop}}
train_dataloader = dict(dataset=dict(pipeline={{_base_.large_crops}}))
start = dict(type='Pretrained', checkpoint='pretrain/segformer_mit-b0_msrs.pth')
model = dict(
    backbone=dict(init_cfg=dict(start, _delete_=True, prefix='backbone.')),
    decode_head=dict(
        init_cfg=dict(start, prefix='decode_head.'),
        loss_decode=dict(class_weight=[1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0]),
    ),
)
del start
optim_wrapper = dict(optimizer=dict(lr=3e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=50),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=50, end=500),
]
train_cfg = dict(max_iters=500, val_interval=500)
