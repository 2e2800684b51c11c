"""Models as the configs describe them, without initial weights or chance."""

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

import mmseg_bffr  # noqa: F401

FUSER_CONFIG = 'configs/fuser/transfuser6_avg.py'
JOINT_CONFIG = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'


def load(root, config, crop_size=None) -> Config:
    """The config without drop path and dropout."""
    cfg = Config.fromfile(root / config)
    init_default_scope(cfg.default_scope)
    if crop_size is not None:
        cfg.model.data_preprocessor.size = crop_size
    if 'backbone' in cfg.model:
        cfg.model.backbone.drop_path_rate = 0.0
        cfg.model.decode_head.dropout_ratio = 0.0
    return cfg


def build(root, config, crop_size=None):
    return MODELS.build(load(root, config, crop_size).model)
