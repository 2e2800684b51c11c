"""Numbers of the original implementation with weights by a formula, on random inputs."""

import copy
import csv
import zlib
from collections import OrderedDict

import numpy as np
import pytest
import torch

from mmseg_bffr.checkpoints.other_names import rename_legacy
from mmseg_bffr.models import AverageFusionLoss, CorrelationLoss

from .models_of_configs import FUSER_CONFIG, JOINT_CONFIG, build


def formula(key, shape):
    if key.endswith('num_batches_tracked'):
        return torch.tensor(0)
    n = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(shape)
    if key.endswith('running_mean'):
        n = 0.1 * n
    elif key.endswith('running_var'):
        n = 1 + 0.2 * np.abs(n)
    elif key.endswith('bias'):
        n = 0.05 * n
    elif len(shape) == 1:
        n = 1 + 0.1 * n
    else:
        n = n * np.sqrt(1.5 / np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(n, np.float32))


def formula_weights(root, checkpoint):
    with open(root / 'tests/data/legacy_keys.csv', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['checkpoint'] == checkpoint]
    shapes = {row['key']: tuple(map(int, filter(None, row['shape'].split('x')))) for row in rows}
    return OrderedDict((key, formula(key, shape)) for key, shape in shapes.items())


@pytest.fixture(scope='module')
def numbers(root):
    return np.load(root / 'tests/data/formula.npz')


@pytest.fixture
def fuser(root):
    fuser = build(root, FUSER_CONFIG)
    fuser.load_state_dict(rename_legacy(formula_weights(root, 'legacy_avg_fuser.pth')))
    return fuser


@pytest.fixture(scope='module')
def joint(root):
    joint = build(root, JOINT_CONFIG).eval()
    joint.test_cfg.mode = 'whole'
    joint.load_state_dict(rename_legacy(formula_weights(root, 'legacy_bffr.pth')))
    return joint


def read(numbers, size):
    return torch.from_numpy(numbers[f'input_{size}'])[None].float() / 255


@pytest.mark.parametrize('size', ['64x96', '75x101'])
class TestFormula:
    @torch.no_grad()
    def test_fuser(self, numbers, fuser, size):
        fused = fuser.eval()(read(numbers, size)).numpy()
        np.testing.assert_allclose(fused, numbers[f'fused_{size}'], atol=1e-4)

    @torch.no_grad()
    def test_joint(self, numbers, joint, size):
        inputs = read(numbers, size)
        np.testing.assert_allclose(
            joint.fuser(inputs).numpy(), numbers[f'joint_fused_{size}'], atol=1e-4
        )
        (result,) = joint.predict(inputs)
        np.testing.assert_allclose(
            result.seg_logits.data[None].numpy(), numbers[f'joint_logits_{size}'], atol=1e-4
        )

    @torch.no_grad()
    def test_average_loss(self, numbers, fuser, size):
        loss = AverageFusionLoss()(*fuser.train().lumas(read(numbers, size)))
        np.testing.assert_allclose(loss.item(), numbers[f'avg_loss_{size}'], rtol=1e-4)

    @torch.no_grad()
    def test_correlation_loss(self, numbers, joint, size):
        fuser = copy.deepcopy(joint.fuser).train()
        loss = CorrelationLoss(0.001)(*fuser.lumas(read(numbers, size)))
        np.testing.assert_allclose(loss.item(), numbers[f'reg_loss_{size}'], rtol=1e-4)
