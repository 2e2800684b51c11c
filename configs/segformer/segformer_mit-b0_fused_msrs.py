# SegFormer on any method's fused images: FUSED names their folder (absolute, or in data_root).
_base_ = './segformer_mit-b0_visible_msrs.py'
train_dataloader = dict(dataset=dict(data_prefix=dict(img_path='{{$FUSED:fused}}')))
val_dataloader = dict(dataset=dict(data_prefix=dict(img_path='{{$FUSED:fused}}')))
test_dataloader = dict(dataset=dict(data_prefix=dict(img_path='{{$FUSED:fused}}')))
