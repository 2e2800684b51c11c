"""Cross-entropy of shifted logits: what is learned with whole weights is predicted with less."""

import pytest
import torch
from mmseg.registry import MODELS

WEIGHTS = [1.0, 9.0]


def learned_share(loss: dict, share: float) -> float:
    """What a constant pixel predicts of the second class, after it has learned how frequent it is.

    Args:
        loss: Config.
        share: Of the second class.
    """
    labels = torch.zeros(1, 1, 100, dtype=torch.long)
    labels[..., : round(100 * share)] = 1
    logits = torch.zeros(1, 2, 1, 1, requires_grad=True)
    learns = torch.optim.LBFGS([logits], lr=0.5, max_iter=200, tolerance_grad=1e-9)
    compare = MODELS.build(dict(loss, class_weight=WEIGHTS))

    def closure():
        learns.zero_grad()
        value = compare(logits.expand(1, 2, 1, 100), labels)
        value.backward()
        return value

    learns.step(closure)
    return logits.detach().softmax(1)[0, 1].item()


@pytest.mark.parametrize('part', [0.0, 0.5, 1.0])
def test_weights_count_by_what_the_shift_leaves(part):
    share, weight = 0.1, WEIGHTS[1] ** (1 - part)
    expected = share * weight / (share * weight + 1 - share)
    loss = dict(type='LogitAdjustedCrossEntropyLoss', part=part)
    assert learned_share(loss, share) == pytest.approx(expected, abs=1e-3)


def test_a_class_of_weight_0_is_not_learned():
    logits, labels = torch.tensor([[[[0.5, 2.0]], [[0.0, 1.0]]]]), torch.tensor([[[0, 1]]])
    values = [
        MODELS.build(dict(type=name, class_weight=[0.0, 1.0]))(logits, labels)
        for name in ('LogitAdjustedCrossEntropyLoss', 'CrossEntropyLoss')
    ]
    assert values[0] == values[1]


def test_without_a_shift_it_is_that_of_mmsegmentation():
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 2, 4, 5), torch.randint(0, 2, (2, 4, 5))
    labels[0, 0] = 255
    values = [
        MODELS.build(dict(type=name, class_weight=WEIGHTS, **more))(
            logits, labels, ignore_index=255
        )
        for name, more in (
            ('LogitAdjustedCrossEntropyLoss', dict(part=0.0)),
            ('CrossEntropyLoss', {}),
        )
    ]
    assert values[0] == pytest.approx(values[1].item())
