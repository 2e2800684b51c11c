"""Double the channels of a TransFuser; the larger one gives the same fused images.

So a larger model can start from what a smaller one has learned, as in
configs/fuser/transfuser_content_1xb4-5k_msrs-roadscene-128x128.py. The number of attention heads
stays.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bffr.commands.run import run

if TYPE_CHECKING:
    from torch import Tensor


def widen(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy every channel of a TransFuser, and share out its weights among the copies.

    Of a weight on a channel, one copy gets a half and a random part more, the other that part less:
    the sum is the same, but the copies learn apart. Source: Chen et al., "Net2Net", ICLR 2016,
    arXiv 1511.05641.

    Args:
        weights: The `state_dict` of a `TransFuser`.

    Returns:
        dict: That of one with twice the channels and as many attention heads.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    wide = {}
    for name, tensor in weights.items():
        if tensor.dim() and len(tensor) > 1:  # neither a counter nor the fused luma
            tensor = tensor.repeat_interleave(2, dim=0)
        if tensor.dim() > 1 and tensor.shape[1] > 1:  # neither a vector nor a stem
            part = 0.3 * torch.randn(tensor.shape[:2], generator=generator)
            part = part.reshape(*part.shape, *[1] * (tensor.dim() - 2))
            tensor = torch.stack([tensor * (0.5 + part), tensor * (0.5 - part)], 2).flatten(1, 2)
        if name.endswith('attention.query.weight'):
            tensor = tensor * 2**0.5  # attention divides by the root of a head's channels
        wide[name] = tensor
    return wide


def main() -> None:
    """Parse the command line and convert."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config of a fuser or a joint model')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='its checkpoint')
    parser.add_argument('out', metavar='OUT', help='weights of the larger fuser to write')
    args = parser.parse_args()
    from bffr.errors import InputError
    from mmseg_bffr.apis import init_model
    from mmseg_bffr.checkpoints import save_weights
    from mmseg_bffr.models import TransFuser

    model = init_model(args.config, args.checkpoint, 'cpu')
    fuser = getattr(model, 'fuser', model)
    if not isinstance(fuser, TransFuser):
        raise InputError(
            f'{args.config}: its fuser is not a TransFuser; only a TransFuser can be widened.'
        )
    save_weights(args.out, widen(fuser.state_dict()))


if __name__ == '__main__':
    run(main)
