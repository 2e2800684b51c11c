# SegFormer on any method's fused images, not from scratch: it has learned the classes before, on
# images of a fuser after its warm start (transfuser6-s_segformer_mit-b0_frozen_msrs.py).
_base_ = ['./segformer_mit-b0_fused_msrs.py', '../_base_/datasets/msrs_large_crops.py']
crop_size = {{_base_.large_crop}}
train_dataloader = dict(dataset=dict(pipeline={{_base_.large_crops}}))
start = dict(type='Pretrained', checkpoint='pretrain/segformer_mit-b0_msrs.pth')
model = dict(
    data_preprocessor=dict(size={{_base_.large_crop}}),
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
