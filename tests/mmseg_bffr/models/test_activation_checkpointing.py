"""Activation checkpointing changes memory and time, nothing else."""

import copy

import pytest
import torch

from mmseg_bffr.models import TransFuser


@pytest.fixture
def fusers() -> list[TransFuser]:
    """Without and with checkpointing, of the same weights."""
    loss = dict(type='AverageFusionLoss')
    plain, saving = TransFuser(loss=loss), TransFuser(loss=loss, with_cp=True)
    saving.load_state_dict(plain.state_dict())
    return [plain.train(), saving.train()]


def _saved_bytes(fuser, inputs) -> int:
    sizes = {}

    def pack(tensor):
        sizes[tensor.data_ptr()] = tensor.nbytes
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        fuser(inputs, mode='loss')['loss_avg']
    return sum(sizes.values())


def test_same_gradients_and_statistics(fusers):
    inputs = torch.rand(2, 4, 35, 49)
    for fuser in fusers:
        fuser(inputs, mode='loss')['loss_avg'].backward()
    for plain, saving in zip(*(fuser.parameters() for fuser in fusers), strict=True):
        error = (saving.grad - plain.grad).norm()
        assert error <= 1e-5 * plain.grad.norm()
    states = [fuser.state_dict() for fuser in fusers]
    assert list(states[0]) == list(states[1])
    for key in states[0]:
        torch.testing.assert_close(states[1][key], states[0][key])


def test_keeps_less(fusers):
    plain, saving = (_saved_bytes(fuser, torch.rand(1, 4, 64, 80)) for fuser in fusers)
    assert saving < 0.5 * plain


def test_copies_are_their_own(fusers):
    saving = fusers[1]
    twin = copy.deepcopy(saving)
    torch.nn.init.zeros_(twin.out.weight)
    twin(torch.rand(1, 4, 16, 16), mode='loss')['loss_avg'].backward()
    assert all(parameter.grad is None for parameter in saving.parameters())
    assert any(parameter.grad is not None for parameter in twin.parameters())
