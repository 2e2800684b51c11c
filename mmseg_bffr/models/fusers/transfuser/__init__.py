from .attention import AttentionBlock, ChannelAttention
from .conv import ConvNormReLU, ReflectConv
from .decoder import DecoderNode, NestedDecoder
from .encoder import DenseBlock, Encoder
from .fusion_block import FusionBlock
from .merge_conv import MergeConv
from .transfuser import TransFuser
