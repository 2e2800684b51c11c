"""Every detector behind a fuser: what it trains, what it returns, and its switches."""

import pytest
import torch
from mmengine.structures import InstanceData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torchvision.ops import box_iou

from mmseg_bffr.models.saved_image import to_saved_image

from .conftest import TINY

SIZES = [[8, 16], [24, 32], [48, 64]]
DETECTORS = [
    dict(type='FCOS', sizes=(8, 16, 32), num_convs=1),
    dict(type='RetinaNet', sizes=SIZES),
    dict(type='SSDLite', scales=(0.1, 0.3, 0.6, 1.0)),
    dict(
        type='FasterRCNN',
        sizes=SIZES,
        rpn_post_nms_top_n_train=200,
        rpn_batch_size_per_image=32,
        box_batch_size_per_image=16,
    ),
]
NETWORK = dict(
    backbone=dict(
        type='MixVisionTransformer',
        embed_dims=8,
        num_layers=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        out_indices=(1, 2, 3),
    ),
    neck=dict(type='FPN', in_channels=[8, 8, 8], out_channels=32, num_outs=3),
)


def build(detector, **kwargs):
    return MODELS.build(
        dict(
            type='FuserDetector',
            fuser=TINY,
            detector=dict(detector, num_classes=2),
            **NETWORK,
            **kwargs,
        )
    )


def build_alone(detector, **network):
    detector = dict(detector, num_classes=2)
    return MODELS.build(dict(type='Detector', detector=detector, **{**NETWORK, **network}))


@pytest.fixture(params=DETECTORS, ids=lambda detector: detector['type'])
def detector(request):
    return request.param


@pytest.fixture
def inputs():
    return torch.rand(2, 4, 64, 96)


@pytest.fixture
def samples():
    """Two boxes, and none."""
    boxes = torch.tensor([[3.0, 4.0, 20.0, 40.0], [50.0, 10.0, 90.0, 60.0]])
    return [
        SegDataSample(
            gt_instances=InstanceData(bboxes=boxes[:count], labels=torch.tensor([0, 1])[:count]),
            metainfo=dict(ori_shape=(128, 288), img_shape=(64, 96)),
        )
        for count in (2, 0)
    ]


def total(losses):
    return sum(loss for name, loss in losses.items() if 'loss' in name)


def test_every_parameter_is_used(detector, inputs, samples):
    model = build(detector, fusion_loss=dict(type='CorrelationLoss')).train()
    losses = model(inputs, samples, mode='loss')
    assert len(losses) > 2
    assert all('loss' in name and loss.isfinite() for name, loss in losses.items())
    total(losses).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_detection_alone_teaches_the_fuser(detector, inputs, samples):
    model = build(detector).train()
    total(model(inputs, samples, mode='loss')).backward()
    assert model.fuser.infrared_encoder.stem.weight.grad.abs().sum() > 0


def test_images_without_any_box_teach_too(detector, inputs, samples):
    losses = build(detector).train()(inputs, [samples[1]] * 2, mode='loss')
    assert all(loss.isfinite() for loss in losses.values())


def test_training_under_autocast(detector, inputs, samples):
    model = build(detector).train()
    with torch.autocast('cpu', torch.bfloat16):
        total(model(inputs, samples, mode='loss')).backward()


def test_it_learns_where_things_are_and_what(detector):
    """Bright squares of one class, dark ones of the other: among the best three found."""
    images = torch.full((2, 3, 64, 96), 0.5)
    images[0, :, 8:32, 8:32], images[1, :, 24:48, 60:84] = 1, 0
    truth = [[8.0, 8.0, 32.0, 32.0], [60.0, 24.0, 84.0, 48.0]]
    samples = [
        SegDataSample(
            gt_instances=InstanceData(bboxes=torch.tensor([box]), labels=torch.tensor([label])),
            metainfo=dict(ori_shape=(64, 96)),
        )
        for label, box in enumerate(truth)
    ]
    model = build_alone(detector).train()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(60):
        optimizer.zero_grad()
        total(model(images, samples, mode='loss')).backward()
        optimizer.step()
    with torch.no_grad():
        found = model.eval()(images)
    for label, (one, box) in enumerate(zip(found, truth, strict=True)):
        best = one['boxes'][one['labels'] == label][:3]
        assert box_iou(best, torch.tensor([box])).max() > 0.5


@torch.no_grad()
def test_boxes_are_in_pixels_of_the_original(detector, inputs, samples):
    model = build(dict(detector)).eval()
    for found, sample in zip(model(inputs), model(inputs, samples, mode='predict'), strict=True):
        predicted = sample.pred_instances
        torch.testing.assert_close(predicted.bboxes, found['boxes'] * torch.tensor([3, 2, 3, 2]))
        assert torch.equal(predicted.labels, found['labels'])
        assert torch.equal(predicted.scores, found['scores'].sort(descending=True)[0])


@torch.no_grad()
@pytest.mark.parametrize('with_fused', [False, True])
def test_the_fuser_runs_once(inputs, samples, with_fused):
    model, runs = build(DETECTORS[0], test_cfg=dict(with_fused=with_fused)).eval(), []
    image = model.fuser(inputs)
    model.fuser.register_forward_hook(lambda *_: runs.append(1))
    results = model(inputs, samples, mode='predict')
    assert len(runs) == 1
    for sample, fused in zip(results, image, strict=True):
        assert ('fused' in sample) == with_fused
        assert not with_fused or torch.equal(sample.fused.data, to_saved_image(fused))


@torch.no_grad()
def test_the_backbone_sees_the_unclamped_fused_image(inputs):
    model, seen = build(DETECTORS[0]).eval(), []
    model.backbone.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    model(inputs)
    assert torch.equal(seen[0], model.fuser(inputs))


@torch.no_grad()
def test_images_of_any_size_are_padded_and_boxes_stay_within(detector):
    for found in build(detector).eval()(torch.rand(1, 4, 41, 75)):
        assert (found['boxes'] >= 0).all()
        assert (found['boxes'] <= torch.tensor([75, 41, 75, 41])).all()


def test_the_fusion_loss_is_that_of_the_fused_image(inputs, samples):
    model = build(DETECTORS[0], fusion_loss=dict(type='CorrelationLoss', loss_weight=0.25)).train()
    expected = model.fusion_loss(*model.fuser.lumas(inputs))
    torch.testing.assert_close(model(inputs, samples, mode='loss')['loss_reg'], expected)


def test_a_frozen_fuser_stays_as_it_is(inputs, samples):
    model = build(DETECTORS[0], frozen_fuser=True).train()
    before = {name: value.clone() for name, value in model.fuser.state_dict().items()}
    total(model(inputs, samples, mode='loss')).backward()
    assert all(p.grad is None for p in model.fuser.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.fuser.state_dict().items())
    assert model.backbone.training


def test_initial_weights_of_the_backbone_are_loaded(tmp_path):
    backbone = MODELS.build(NETWORK['backbone'])
    torch.save(backbone.state_dict(), tmp_path / 'backbone.pth')
    start = dict(type='Pretrained', checkpoint=str(tmp_path / 'backbone.pth'))
    model = build_alone(DETECTORS[0], backbone=dict(NETWORK['backbone'], init_cfg=start))
    model.init_weights()
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, model.backbone.state_dict()[name])


def test_anchors_lie_where_their_features_do():
    """At a size that is no multiple of the coarsest level's stride, 64."""
    neck = dict(NETWORK['neck'], num_outs=4)
    detector = dict(DETECTORS[0], sizes=(8, 16, 32, 64))
    model = build_alone(detector, neck=neck).eval()
    found = []
    model.detector.anchor_generator.register_forward_hook(lambda *call: found.append(call[2]))
    model(torch.rand(1, 3, 96, 160))
    left, top, right, bottom = found[0][0][-6:].T  # 2 x 3 of the coarsest
    assert ((left + right) / 2).tolist() == [0, 64, 128] * 2
    assert ((top + bottom) / 2).tolist() == [0] * 3 + [64] * 3
