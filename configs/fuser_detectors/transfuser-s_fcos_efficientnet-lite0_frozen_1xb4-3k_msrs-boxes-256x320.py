# The middle phase: a detector from ImageNet weights learns on the default fuser's images.
# The fuser stays as it is; `model.fuser.init_cfg.checkpoint` names another warm start.
_base_ = [
    '../_base_/models/fcos_efficientnet-lite0.py',
    '../_base_/datasets/msrs-boxes.py',
    '../_base_/schedules/detection_3k.py',
    '../_base_/default_runtime.py',
]
license = 'Apache-2.0; trained on MSRS, RoadScene and ImageNet, see docs/licence.md for their terms'
model = dict(
    type='FuserDetector',
    fuser=dict(
        type='TransFuser',
        channels=(8, 16, 32, 48, 64),
        init_cfg=dict(type='Pretrained', checkpoint='mmseg_bffr/zoo/content-s-2026-12/weights.pth'),
    ),
    frozen_fuser=True,
)
