"""Forward passes take no numbers from the host: on CUDA, each would wait and break a graph."""

import pytest
import torch
from mmseg.registry import MODELS
from torch.utils._python_dispatch import TorchDispatchMode

from mmseg_bffr.models.losses import DistillationLoss, IntensityGradientLoss

from .conftest import TINY, joint

FUSERS = ('SeAFusion', 'IFCNN', 'DenseFuse', 'LUTFuse', 'DATFuse', 'CDDFuse')


class NoTensorOfNumbers(TorchDispatchMode):
    """Within, a tensor that is made of Python's numbers is an error."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        assert operation is not torch.ops.aten.lift_fresh.default
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize('config', [TINY, *(dict(type=name) for name in FUSERS)], ids=str)
def test_of_fusers(config):
    fuser, inputs = MODELS.build(config), torch.rand(1, 4, 32, 48)
    with NoTensorOfNumbers():
        fuser(inputs).sum().backward()
        fuser.eval()(inputs)


def test_of_a_joint_model_and_a_network_of_timm():
    pytest.importorskip('timm')
    backbone = dict(type='ImageNetBackbone', model_name='test_byobnet', in_channels=3)
    model = joint()
    network, images = MODELS.build(backbone), torch.rand(2, 4, 64, 64)
    with NoTensorOfNumbers():
        model(images)
        network(images[:, :3])


def test_of_losses():
    distillation = DistillationLoss(dict())
    distillation._teacher = (MODELS.build(TINY).eval(),)
    lumas = torch.rand(3, 2, 1, 24, 32)
    config = dict(type='LogitAdjustedCrossEntropyLoss', class_weight=[1.0, 2.0])
    with NoTensorOfNumbers():
        for loss in (IntensityGradientLoss(salience=0.3, range_weight=40.0), distillation):
            loss(*lumas)
    logits, labels = torch.rand(1, 2, 8, 8), torch.zeros(1, 8, 8, dtype=torch.long)
    loss = MODELS.build(config)
    loss.class_weight = None  # of which mmsegmentation makes a tensor in every call
    with NoTensorOfNumbers():
        loss(logits, labels)
    assert not loss.state_dict()
