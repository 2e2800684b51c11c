"""Published fusers: their authors' files load as they are and give their authors' images."""

import csv
from collections import defaultdict
from contextlib import nullcontext

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.runner import load_checkpoint
from scipy.interpolate import RegularGridInterpolator

from bffr.errors import InputError
from bffr.images.image_io import read_image
from mmseg_bffr.apis import fuse, init_model
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.checkpoints import load_from_file, safe_loading
from mmseg_bffr.models import IFCNN, CDDFuse, DATFuse, DenseFuse, LUTFuse, SeAFusion

from .conftest import joint

FILES = {
    SeAFusion: 'seafusion.pth',
    IFCNN: 'ifcnn_max.pth',
    DenseFuse: 'densefuse_gray.pth',
    LUTFuse: 'generator_context.pth',
    DATFuse: 'datfuse.pth',
    CDDFuse: 'CDDFuse_IVF.pth',
}
KINDS = pytest.mark.parametrize('kind', FILES, ids=lambda kind: kind.__name__)
BASELINES = SeAFusion, IFCNN, DenseFuse
TABLE = np.random.default_rng(0).random((16, 16, 16, 16, 1), np.float32)
"""Of LUT-Fuse, which lies beside its network."""


@pytest.fixture(scope='module')
def authors(root):
    """Random weights under the keys of the authors' files."""
    generator = torch.Generator().manual_seed(0)
    weights = defaultdict(dict)
    with open(root / 'tests/data/published_keys.csv', newline='') as file:
        for row in csv.DictReader(file):
            shape = [int(n) for n in row['shape'].split('x') if n]
            values = torch.randn(shape, generator=generator)
            if len(shape) > 1:
                values *= (1.5 / values[0].numel()) ** 0.5
            elif 'bn' in row['key'] or 'running_var' in row['key']:
                values = 1 + values.abs() / 5
            weights[row['checkpoint']][row['key']] = values
    return weights


@pytest.fixture(scope='module')
def files(authors, tmp_path_factory):
    """The same as their authors wrote them: without anything around, CDDFuse's in parts."""
    folder = tmp_path_factory.mktemp('authors')
    for name, weights in authors.items():
        torch.save(nested(weights) if 'CDD' in name else weights, folder / name)
    np.save(folder / 'fine_tuned_lut.npy', TABLE)
    return {kind: folder / name for kind, name in FILES.items()}


@pytest.fixture(autouse=True)
def read_by_this_project(request):
    """Files that are more than weights by name, which mmengine alone does not understand."""
    kinds = getattr(request.node, 'callspec', None)
    more = 'lut_fuse' in request.node.name or (
        kinds and kinds.params.get('kind') in (LUTFuse, CDDFuse)
    )
    with safe_loading() if more else nullcontext():
        yield


def nested(weights):
    parts = defaultdict(dict)
    for key, value in weights.items():
        part, _, key = key.partition('.')
        parts[part][key] = value
    return dict(parts)


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
    """The networks by their authors' parameter names."""

    def __init__(self, weights):
        self.weights = weights

    def of(self, name, *parts):
        return [self.weights[f'{name}.{part}'] for part in parts]

    def batch_norm(self, name, x):
        return F.batch_norm(x, *self.of(name, 'running_mean', 'running_var', 'weight', 'bias'))

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
            return self.batch_norm(f'{name}.bn', self.conv(f'{name}.conv', x, 'replicate')).relu()

        features = [
            block('conv2', self.conv('conv1', x, 'replicate'))
            for x in (visible, infrared.repeat(1, 3, 1, 1))
        ]
        return self.conv('conv4', block('conv3', torch.maximum(*features)))

    def lutfuse(self, inputs):
        """By scipy, at a size that 16 divides."""

        def block(name, x, layer):
            x = F.leaky_relu(self.conv(f'{name}.{layer}', x), 0.2)
            return F.instance_norm(x, None, None, *self.of(f'{name}.{layer + 2}', 'weight', 'bias'))

        size, divisible = inputs.shape[2:], [n // 16 * 16 for n in inputs.shape[2:]]
        inputs = F.interpolate(inputs, divisible, mode='bilinear', antialias=True)
        b, g, r, infrared = inputs.split(1, dim=1)
        y = 0.299 * r + 0.587 * g + 0.114 * b
        cb, cr = (b - y) / 1.772, (r - y) / 1.402
        strength = np.stack(
            [
                np.hypot(*(cv2.Sobel(image, -1, *d, borderType=0) for d in ((1, 0), (0, 1))))
                for image in y[:, 0].numpy()
            ]
        )
        low, high = (f(strength, (1, 2), keepdims=True) for f in (np.min, np.max))
        stem = x = block('input_layer', torch.cat([r, g, b, infrared], 1) * 255, 0)
        for layer in (0, 3, 6):
            x = block('mid_layer', x, layer)
        context = self.conv('output_layer.1', stem + x).sigmoid()
        indices = [y[:, 0], (strength - low) / (high - low), context[:, 0], infrared[:, 0]]
        grid = np.pad(TABLE[..., 0], [(0, 1)] * 4, 'edge')
        fused = RegularGridInterpolator([np.arange(17) * 16 / 255] * 4, grid)(np.stack(indices, -1))
        fused = torch.from_numpy(fused).float().unsqueeze(1)
        colours = [fused + 1.772 * cb, fused - 0.344136 * cb - 0.714136 * cr, fused + 1.402 * cr]
        return F.interpolate(torch.cat(colours, 1).clamp(0, 1), size, mode='bilinear')

    def datfuse(self, visible, infrared):
        def convs(name, x):
            return self.batch_norm(f'{name}.bn', self.conv(f'{name}.conv', x, 'replicate'))

        def attended(x):
            features = convs('fem', convs('fem', x).relu())
            channels = self.conv('cam.fc.0', features.mean((2, 3), keepdim=True)).relu()
            places = self.batch_norm('sam.body.1', self.conv('sam.body.0', features)).relu()
            places = self.batch_norm('sam.body.4', self.conv('sam.body.3', places)).sigmoid()
            return features, features * (self.conv('cam.fc.2', channels).sigmoid() + places)

        def windows_of_one(name, x):
            n, tokens, _ = x.shape
            qkv = F.linear(x, *self.of(f'{name}.qkv', 'weight', 'bias'))
            q, k, v = qkv.reshape(n, tokens, 3, 8, 1, 2).unbind(2)
            weights = (
                q @ k.mT * 2**-0.5 + self.weights[f'{name}.relative_position_bias_table'][0, 0]
            )
            heads = (weights.softmax(-1) @ v).reshape(x.shape)
            return F.linear(heads, *self.of(f'{name}.proj', 'weight', 'bias'))

        x = convs('convolutional', torch.cat([infrared, visible], 1)).relu()
        x = (attended(x)[1] + x).relu()
        shape = x.shape
        x = x.contiguous().view(shape[0], -1, 16)
        for block in ('basicLayer.blocks.0', 'basicLayer.blocks.1'):
            norm = [F.layer_norm(x, [16], *self.of(f'{block}.norm1', 'weight', 'bias'))]
            x = x + windows_of_one(f'{block}.attn', *norm)
            wide = F.layer_norm(x, [16], *self.of(f'{block}.norm2', 'weight', 'bias'))
            wide = F.gelu(F.linear(wide, *self.of(f'{block}.mlp.fc1', 'weight', 'bias')))
            x = x + F.linear(wide, *self.of(f'{block}.mlp.fc2', 'weight', 'bias'))
        return self.conv('convolutional_out.conv', sum(attended(x.view(shape)))).tanh()

    def cddfuse(self, visible, infrared):
        def norm(name, x):
            weight, bias = (
                value[:, None, None] for value in self.of(f'{name}.body', 'weight', 'bias')
            )
            mean, variance = x.mean(1, keepdim=True), x.var(1, keepdim=True, correction=0)
            return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

        def block(name, x, qkv='qkv', around='qkv_dwconv', scale='temperature', out='project_out',
                  ffn='ffn', groups=(192, 256)):  # fmt: skip
            y = self.conv(f'{name}.attn.{qkv}', norm(f'{name}.norm1', x))
            y = self.conv(f'{name}.attn.{around}', y, groups=groups[0])
            q, k, v = y.reshape(len(x), 3, 8, 8, -1).unbind(1)
            q, k = (part / part.norm(dim=-1, keepdim=True) for part in (q, k))
            weights = torch.einsum('nhip,nhjp->nhij', q, k) * self.weights[f'{name}.attn.{scale}']
            y = torch.einsum('nhij,nhjp->nhip', weights.softmax(-1), v).reshape(x.shape)
            x = x + self.conv(f'{name}.attn.{out}', y)
            y = self.conv(f'{name}.{ffn}.project_in', norm(f'{name}.norm2', x))
            y = self.conv(f'{name}.{ffn}.dwconv', y, groups=groups[1])
            gate, y = y.chunk(2, 1)
            return x + self.conv(f'{name}.{ffn}.project_out', F.gelu(gate) * y)

        def base(name, x):
            return block(name, x, 'qkv1', 'qkv2', 'scale', 'proj', 'mlp', (1, 64))

        def half(name, x):
            x = F.relu6(self.conv(f'{name}.bottleneckBlock.0', x))
            x = F.relu6(self.conv(f'{name}.bottleneckBlock.3', x, 'reflect', 64))
            return self.conv(f'{name}.bottleneckBlock.5', x)

        def detail(name, x, layers):
            for node in (f'{name}.net.{layer}' for layer in range(layers)):
                z1, z2 = self.conv(f'{node}.shffleconv', x).split(32, 1)
                z2 = z2 + half(f'{node}.theta_phi', z1)
                z1 = z1 * half(f'{node}.theta_rho', z2).exp() + half(f'{node}.theta_eta', z2)
                x = torch.cat([z1, z2], 1)
            return x

        def encode(x):
            x = self.conv('DIDF_Encoder.module.patch_embed.proj', x)
            for level in range(4):
                x = block(f'DIDF_Encoder.module.encoder_level1.{level}', x)
            return torch.stack(
                [
                    base('DIDF_Encoder.module.baseFeature', x),
                    detail('DIDF_Encoder.module.detailFeature', x, 3),
                ]
            )

        shared, own = encode(visible) + encode(infrared)
        parts = base('BaseFuseLayer.module', shared), detail('DetailFuseLayer.module', own, 1)
        x = self.conv('DIDF_Decoder.module.reduce_channel', torch.cat(parts, 1))
        for level in range(4):
            x = block(f'DIDF_Decoder.module.encoder_level2.{level}', x)
        x = F.leaky_relu(self.conv('DIDF_Decoder.module.output.0', x), 0.01)
        return (self.conv('DIDF_Decoder.module.output.2', x) + visible).sigmoid()

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
        if kind is LUTFuse:
            return self.lutfuse(inputs)
        return self.of_luma(getattr(self, kind.__name__.lower()), inputs)


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
        torch.testing.assert_close(model(inputs), expected, rtol=1e-4, atol=1e-4)
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
            (DATFuse, 'sam.body.4.running_var', 'places.4.running_var'),
            (CDDFuse, 'BaseFuseLayer.module.attn.qkv2.weight', 'base_fusion.attn.around.weight'),
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

    def test_lut_fuse_needs_its_table(self, authors, files, tmp_path):
        torch.save(authors[FILES[LUTFuse]], tmp_path / 'context.pth')
        (tmp_path / 'other').mkdir()
        for content, wrong in (
            (None, 'cannot be read .No such file'),
            (b'', 'cannot be read .*; LUT-Fuse needs its table beside'),
            (np.array([{}]), 'cannot be read .Object arrays'),
            (TABLE[1:], r'1 of another shape: table \(15, 16, 16, 16\) instead of'),
        ):
            if isinstance(content, bytes):
                (tmp_path / 'fine_tuned_lut.npy').write_bytes(content)
            elif content is not None:
                np.save(tmp_path / 'fine_tuned_lut.npy', content)
            with pytest.raises(InputError, match=wrong):
                load_checkpoint(LUTFuse(), str(tmp_path / 'context.pth'))

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
    ('kind', 'seed'), [*((kind, 0) for kind in FILES), (DenseFuse, 1), (DenseFuse, 2)]
)
def test_training_from_scratch_lowers_the_loss(kind, seed):
    rate = {LUTFuse: 3e-2, CDDFuse: 3e-4}.get(kind, 3e-3)
    torch.manual_seed(seed)
    fuser = kind(loss=dict(type='IntensityGradientLoss')).train()
    inputs = F.interpolate(torch.rand(2, 4, 4, 5), (16, 20), mode='bilinear')
    optimizer = torch.optim.AdamW(fuser.parameters(), lr=rate)
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

    @pytest.mark.parametrize('kind', BASELINES)
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

    @pytest.mark.parametrize('kind', [LUTFuse, DATFuse])
    @pytest.mark.parametrize('pair', ['tno/01', 'tno/09', 'msrs_full/00283D', 'msrs_full/00040N'])
    def test_saved_images_of_rivals(self, golden, shared, root, kind, pair):
        file = {LUTFuse: 'LUT-Fuse/generator_context.pth', DATFuse: 'DATFuse/model_10.pth'}[kind]
        model = init_model(config_of(root, kind), golden / 'rivals' / file, 'cpu')
        data, name = pair.split('/')
        pair_files = (shared / f'data/{data}/{part}/{name}.png' for part in ('vis', 'ir'))
        fused = fuse(model, *pair_files, stretch=False)
        expected = cv2.imread(str(golden / f'rivals/outputs/{kind.__name__}/{pair}.png'))
        difference = np.abs(fused.astype(int) - expected)
        # The colours of DATFuse are put together from 8 bit there.
        assert difference.max() <= 1 + (kind is DATFuse and data == 'msrs_full')
        assert (difference > 1).mean() < 2e-3
        lumas = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in (fused, expected))
        assert cv2.absdiff(*lumas).max() <= 1
