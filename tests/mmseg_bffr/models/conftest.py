import pytest
from mmengine.config import ConfigDict
from mmseg.registry import MODELS

from mmseg_bffr.models import TransFuser


@pytest.fixture
def tiny():
    """A TransFuser small enough to run in milliseconds."""
    return TransFuser(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2)).eval()


TINY = dict(type='TransFuser', channels=(4,) * 5, heads=(2,) * 4)


def joint(fuser=TINY, **kwargs):
    """A joint model that takes no time."""
    return MODELS.build(
        dict(
            type='FuserSegmenter',
            fuser=fuser,
            backbone=dict(
                type='MixVisionTransformer',
                embed_dims=8,
                num_layers=[1, 1, 1, 1],
                num_heads=[1, 1, 1, 1],
            ),
            decode_head=dict(
                type='SegformerHead',
                in_channels=[8, 8, 8, 8],
                in_index=[0, 1, 2, 3],
                channels=8,
                num_classes=9,
                norm_cfg=dict(type='BN'),
                loss_decode=dict(type='CrossEntropyLoss'),
            ),
            train_cfg=dict(),
            test_cfg=ConfigDict(mode='whole'),
            **kwargs,
        )
    )
