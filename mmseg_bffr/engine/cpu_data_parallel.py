"""Several processes on CPUs, with the BatchNorm that several GPUs have."""

import torch
from mmengine.model import MMDistributedDataParallel
from mmengine.registry import MODEL_WRAPPERS
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _SumOverProcesses(torch.autograd.Function):
    """A sum in which every process takes part, in the backward pass too."""

    @staticmethod
    def forward(ctx, part: Tensor) -> Tensor:
        total = part.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


class SyncedBatchNorm(_BatchNorm):
    """BatchNorm with the statistics of all processes' batches, on the CPU, where torch has none.

    (N, C, ...) -> (N, C, ...). Arguments and state are those of `nn.BatchNorm2d`.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        if not self.training:
            return super().forward(x)
        others = [dim for dim in range(x.dim()) if dim != 1]
        count = x.numel() // x.shape[1]
        sums = _SumOverProcesses.apply(torch.cat([x.sum(others), x.new_tensor([count])]))
        total = sums[-1].detach()
        mean = sums[:-1] / total
        shape = [1, -1] + [1] * (x.dim() - 2)
        centred = x - mean.view(shape)
        variance = _SumOverProcesses.apply(centred.square().sum(others)) / total
        if self.track_running_stats:
            with torch.no_grad():
                self.num_batches_tracked += 1
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(variance * total / (total - 1), self.momentum)
        x = centred * (variance + self.eps).rsqrt().view(shape)
        return x * self.weight.view(shape) + self.bias.view(shape) if self.affine else x


def synchronise_batch_norm(module: nn.Module) -> nn.Module:
    """Replace every BatchNorm within a module by a `SyncedBatchNorm` of the same state."""
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm):
            synced = SyncedBatchNorm(
                child.num_features,
                child.eps,
                child.momentum,
                child.affine,
                child.track_running_stats,
            )
            synced.to(child.running_mean.dtype).load_state_dict(child.state_dict())
            setattr(module, name, synced)
        else:
            synchronise_batch_norm(child)
    return module


@MODEL_WRAPPERS.register_module()
class CPUDataParallel(MMDistributedDataParallel):
    """mmengine's data parallel on CPUs, BatchNorm synchronised.

    Args:
        module: The model.
        device_ids: mmengine's Runner gives the GPU of the process; there is none.
    """

    def __init__(self, module: nn.Module, device_ids: list[int] | None = None):
        super().__init__(synchronise_batch_norm(module), broadcast_buffers=False)
