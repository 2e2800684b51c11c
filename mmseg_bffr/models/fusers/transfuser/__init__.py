from .conv import ConvNormReLU, MergeConv, ReflectConv
from .decoder import DecoderNode, NestedDecoder
from .encoder import DenseBlock, Encoder
from .fusion_block import AttentionBlock, ChannelAttention, FusionBlock
from .transfuser import TransFuser
