"""TransFuser for inference on a CPU: the plain network's results in half its time.

Nothing is prepared or stored: the functions here read the plain network's weights at every call,
so there is no second model to keep in step with it. Maps are channels last in memory, the layout
that oneDNN's convolutions are fastest in.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmseg_bffr.inference.attention import attention_block
from mmseg_bffr.inference.decoder import decode
from mmseg_bffr.models.transfuser import Encoder, TransFuser


def encode(encoder: Encoder, x: Tensor) -> list[Tensor]:
    """`Encoder` of (N, 1, H, W), its features channels last in memory."""
    x = encoder.stem(x).contiguous(memory_format=torch.channels_last)
    features = []
    for index, level in enumerate(encoder.levels):
        x = level(F.max_pool2d(x, 2) if index else x)
        features.append(x)
    return features


def fuse_luma(fuser: TransFuser, visible_luma: Tensor, infrared: Tensor) -> Tensor:
    """`TransFuser.fuse_luma` in eval mode, without gradients."""
    visible = encode(fuser.visible_encoder, visible_luma)
    infrared = encode(fuser.infrared_encoder, infrared)
    fused = []
    for block in fuser.fusion:
        gated = attention_block(block.infrared, infrared.pop(0))
        gated += attention_block(block.visible, visible.pop(0))
        fused.append(gated.div_(2))
    return torch.tanh(fuser.out(decode(fuser.decoder, fused))) / 2 + 0.5
