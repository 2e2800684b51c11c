"""Published fusers: their authors' files load as they are and give their authors' images."""

import csv
from collections import defaultdict

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.runner import load_checkpoint

from bffr.errors import InputError
from bffr.images.image_io import read_image
from mmseg_bffr.apis import fuse, init_model
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.checkpoints import load_from_file
from mmseg_bffr.models import IFCNN, DenseFuse, SeAFusion

from .conftest import joint

FILES = {
    SeAFusion: 'seafusion.pth',
    IFCNN: 'ifcnn_max.pth',
    DenseFuse: 'densefuse_gray.pth',
}
KINDS = pytest.mark.parametrize('kind', FILES, ids=lambda kind: kind.__name__)


@pytest.fixture(scope='module')
def authors(root):
    """Random weights under the keys of the authors' three files."""
    generator = torch.Generator().manual_seed(0)
    weights = defaultdict(dict)
    with open(root / 'tests/data/published_keys.csv', newline='') as file:
        for row in csv.DictReader(file):
            shape = [int(n) for n in row['shape'].split('x') if n]
            values = torch.randn(shape, generator=generator)
            if len(shape) > 1:
                values *= (1.5 / values[0].numel()) ** 0.5
            elif 'bn' in row['key']:
                values = 1 + values.abs() / 5
            weights[row['checkpoint']][row['key']] = values
    return weights


@pytest.fixture(scope='module')
def files(authors, tmp_path_factory):
    """The same as files, as their authors wrote them: without anything around."""
    folder = tmp_path_factory.mktemp('authors')
    for name, weights in authors.items():
        torch.save(weights, folder / name)
    return {kind: folder / name for kind, name in FILES.items()}


@pytest.fixture
def loaded(files):
    def loaded(kind):
        fuser = kind()
        load_checkpoint(fuser, str(files[kind]), map_location='cpu')
        return fuser.eval()

    return loaded


@pytest.fixture
def inputs():
    return torch.rand(2, 4, 17, 22)


def config_of(root, kind):
    return root / f'configs/fuser/{kind.__name__.lower()}_content_1xb4-2k5_msrs-96x128.py'


class Textbook:
    """The three networks by their authors' parameter names."""

    def __init__(self, weights):
        self.weights = weights

    def conv(self, name, x, mode='constant', groups=1):
        weight = self.weights[f'{name}.weight']
        x = F.pad(x, (weight.shape[-1] // 2,) * 4, mode=mode)
        return F.conv2d(x, weight, self.weights.get(f'{name}.bias'), groups=groups)

    def seafusion(self, visible, infrared):
        def encode(source, x):
            x = F.leaky_relu(self.conv(f'{source}_conv.conv', x), 0.2)
            for block in (f'{source}_rgbd1', f'{source}_rgbd2'):
                sobel = [
                    self.conv(f'{block}.sobelconv.conv{axis}', x, groups=x.shape[1]).abs()
                    for axis in 'xy'
                ]
                a = F.leaky_relu(self.conv(f'{block}.dense.conv1.conv', x), 0.2)
                b = self.conv(f'{block}.dense.conv2.conv', torch.cat([x, a], 1))
                down = self.conv(
                    f'{block}.convdown.conv', torch.cat([x, a, F.leaky_relu(b, 0.2)], 1)
                )
                x = F.leaky_relu(down + self.conv(f'{block}.convup.conv', sum(sobel)), 0.1)
            return x

        x = torch.cat([encode('vis', visible), encode('inf', infrared)], 1)
        for number in (4, 3, 2):
            x = F.leaky_relu(self.conv(f'decode{number}.conv', x), 0.2)
        return torch.tanh(self.conv('decode1.conv', x)) / 2 + 0.5

    def densefuse(self, visible, infrared):
        def encode(x):
            x = self.conv('conv1.conv2d', x * 255, 'reflect').relu()
            for index in range(3):
                name = f'DB1.denseblock.{index}.dense_conv.conv2d'
                x = torch.cat([x, self.conv(name, x, 'reflect').relu()], 1)
            return x

        x = (encode(visible) + encode(infrared)) / 2
        for number in (2, 3, 4, 5):
            x = self.conv(f'conv{number}.conv2d', x, 'reflect').relu()
        return x / 255

    def ifcnn(self, visible, infrared):
        def block(name, x):
            statistics = (
                self.weights[f'{name}.bn.{part}']
                for part in ('running_mean', 'running_var', 'weight', 'bias')
            )
            return F.batch_norm(self.conv(f'{name}.conv', x, 'replicate'), *statistics).relu()

        features = [
            block('conv2', self.conv('conv1', x, 'replicate'))
            for x in (visible, infrared.repeat(1, 3, 1, 1))
        ]
        return self.conv('conv4', block('conv3', torch.maximum(*features)))

    def of_luma(self, network, inputs):
        """Fused luma with the visible chroma, of R, G, B."""
        b, g, r, infrared = inputs.split(1, dim=1)
        y = 0.299 * r + 0.587 * g + 0.114 * b
        cr, cb = 0.713 * (r - y), 0.564 * (b - y)
        fused = network(y, infrared)
        return torch.cat(
            [fused + 1.773 * cb, fused - 0.714 * cr - 0.344 * cb, fused + 1.403 * cr], 1
        )

    def fuse(self, kind, inputs):
        if kind is IFCNN:
            return self.ifcnn(inputs[:, :3], inputs[:, 3:])
        return self.of_luma(self.seafusion if kind is SeAFusion else self.densefuse, inputs)


class TestAuthorsFiles:
    @KINDS
    def test_are_the_networks_of_the_papers(self, loaded, authors, inputs, kind):
        expected = Textbook(authors[FILES[kind]]).fuse(kind, inputs)
        torch.testing.assert_close(loaded(kind)(inputs), expected, rtol=1e-4, atol=1e-5)

    @KINDS
    def test_load_wherever_a_checkpoint_does(self, root, loaded, files, inputs, kind):
        expected = loaded(kind)(inputs)
        model = init_model(
            config_of(root, kind),
            files[kind],
            'cpu',
        )
        torch.testing.assert_close(model(inputs), expected)
        of_joint = joint(
            dict(type=kind.__name__, init_cfg=dict(type='Pretrained', checkpoint=str(files[kind])))
        )
        of_joint.init_weights()
        assert torch.equal(of_joint.fuser.eval()(inputs), expected)
        fuser = kind()
        fuser.load_state_dict(load_from_file(files[kind], 'cpu')['state_dict'])
        assert torch.equal(fuser.eval()(inputs), expected)

    @KINDS
    def test_what_was_saved_loads_again(self, loaded, inputs, tmp_path, kind):
        trained = joint(dict(type=kind.__name__))
        trained.fuser.load_state_dict(loaded(kind).state_dict())
        torch.save({'state_dict': trained.state_dict()}, tmp_path / 'joint.pth')
        fuser, again = kind().eval(), joint(dict(type=kind.__name__))
        for model in (fuser, again):
            load_checkpoint(model, str(tmp_path / 'joint.pth'), map_location='cpu')
        for copy in (fuser, again.fuser.eval()):
            assert torch.equal(copy(inputs), loaded(kind)(inputs))

    @pytest.mark.parametrize(
        ('kind', 'theirs', 'ours'),
        [
            (SeAFusion, 'inf_rgbd2.sobelconv.convy.weight', 'infrared_encoder.block2.sobel_y'),
            (IFCNN, 'conv3.bn.running_mean', 'merge.norm.running_mean'),
            (DenseFuse, 'DB1.denseblock.1.dense_conv.conv2d.bias', 'layers.1.bias'),
        ],
    )
    def test_a_missing_key_is_named(self, authors, tmp_path, kind, theirs, ours):
        torch.save({k: v for k, v in authors[FILES[kind]].items() if k != theirs}, tmp_path / 'f')
        with pytest.raises(InputError, match=rf'does not fit {kind.__name__}.*1 missing: {ours}'):
            load_checkpoint(kind(), str(tmp_path / 'f'))

    @pytest.mark.parametrize(
        ('kind', 'key'),
        [(SeAFusion, 'decode5.weight'), (IFCNN, 'conv4.conv.bn'), (DenseFuse, 'conv6.conv2d.bias')],
    )
    def test_a_left_over_key_is_named(self, authors, tmp_path, kind, key):
        torch.save({**authors[FILES[kind]], key: torch.ones(1)}, tmp_path / 'f')
        with pytest.raises(InputError, match='1 left over: '):
            load_checkpoint(kind(), str(tmp_path / 'f'))

    @KINDS
    def test_of_another_method_is_refused(self, files, kind):
        for other, file in files.items():
            if other is not kind:
                with pytest.raises(InputError, match='does not fit'):
                    load_checkpoint(kind(), str(file))


@KINDS
def test_any_size_by_one_graph(loaded, inputs, kind):
    """As an exporter needs it: nothing is decided by the size of the example."""
    fuser = loaded(kind)
    traced = torch.jit.trace(fuser, inputs[:1, :, :16, :16])
    torch.testing.assert_close(traced(inputs), fuser(inputs))


@pytest.mark.parametrize(
    ('kind', 'seed'), [(SeAFusion, 0), (IFCNN, 0), (DenseFuse, 0), (DenseFuse, 1), (DenseFuse, 2)]
)
def test_training_from_scratch_lowers_the_loss(kind, seed):
    torch.manual_seed(seed)
    fuser = kind(loss=dict(type='IntensityGradientLoss')).train()
    inputs = F.interpolate(torch.rand(2, 4, 4, 5), (16, 20), mode='bilinear')
    optimizer = torch.optim.AdamW(fuser.parameters(), lr=3e-3)
    losses = []
    for _ in range(12):
        loss = fuser(inputs, mode='loss')['loss_content']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 1.2


def test_gradients_of_an_untrained_seafusion_are_sobel():
    image = torch.rand(1, 16, 8, 9)
    block = SeAFusion().visible_encoder.block1
    for conv, (dx, dy) in ((block.sobel_x, (1, 0)), (block.sobel_y, (0, 1))):
        expected = cv2.Sobel(image[0, 3].numpy(), cv2.CV_32F, dx, dy)
        actual = conv(image)[0, 3, 1:-1, 1:-1].detach().numpy()
        np.testing.assert_allclose(np.abs(actual), np.abs(expected[1:-1, 1:-1]), atol=1e-5)


class TestGolden:
    """What the authors' code computes with their weights."""

    @pytest.fixture(scope='class')
    def model(self, golden, root):
        def model(kind):
            config = load_config(config_of(root, kind))
            return init_model(config, golden / 'baselines' / FILES[kind], 'cpu')

        return model

    @KINDS
    @pytest.mark.parametrize('size', ['96x128', '81x101'])
    def test_tensors(self, golden, model, kind, size):
        stored = np.load(golden / 'baselines/tensors.npz')
        inputs = torch.from_numpy(stored[f'input_{size}'])
        fuser = model(kind)
        with torch.no_grad():
            if kind is IFCNN:
                fused = fuser(inputs)
            else:
                fused = fuser.fuse_luma(inputs[:, :1], inputs[:, 3:])
        name = FILES[kind].removesuffix('.pth').removesuffix('_gray')
        expected = torch.from_numpy(stored[f'{name}_{size}'])
        torch.testing.assert_close(fused, expected, rtol=0, atol=1e-5)

    def test_saved_image_of_seafusion_in_colour(self, shared, model):
        name = '00036N.png'
        pair = (shared / f'data/msrs_full/{kind}/{name}' for kind in ('vis', 'ir'))
        half = cv2.resize(fuse(model(SeAFusion), *pair), (320, 240), interpolation=cv2.INTER_AREA)
        expected = read_image(shared / f'data/msrs_fused/SeAFusion/{name}')
        assert np.abs(half.astype(int) - expected).max() <= 1

    def test_saved_image_of_seafusion_in_grey(self, shared, model):
        pair = (shared / f'data/tno/{kind}/37.png' for kind in ('vis', 'ir'))
        fused = fuse(model(SeAFusion), *pair).astype(int)
        expected = cv2.imread(str(shared / 'data/tno_fused/SeAFusion/37.png'))
        assert np.abs(fused - expected).max() <= 1
