from .attention import AttentionBlock, ChannelAttention
from .conv import ConvNormReLU, ReflectConv
from .decoder import DecoderNode, NestedDecoder, upsample_to
from .encoder import DenseBlock, Encoder
from .fusion_block import FusionBlock
from .transfuser import TransFuser

__all__ = [
    'AttentionBlock',
    'ChannelAttention',
    'ConvNormReLU',
    'DecoderNode',
    'DenseBlock',
    'Encoder',
    'FusionBlock',
    'NestedDecoder',
    'ReflectConv',
    'TransFuser',
    'upsample_to',
]
