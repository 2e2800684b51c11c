# Joint training of IFCNN-MAX from its authors' weights.
_base_ = './seafusion_segformer_mit-b0_joint_1xb4-1k_msrs-96x128.py'
model = dict(
    fuser=dict(type='IFCNN', stretch=False, init_cfg=dict(checkpoint='pretrain/ifcnn_max.pth')),
)
warm_start_config = 'configs/fuser/ifcnn_content_1xb4-2k5_msrs-96x128.py'
