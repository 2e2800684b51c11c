# Joint training of IFCNN-MAX from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_msrs.py'
model = dict(
    fuser=dict(type='IFCNN', stretch=False, init_cfg=dict(checkpoint='pretrain/ifcnn_max.pth')),
)
warm_start_config = 'configs/fuser/ifcnn.py'
