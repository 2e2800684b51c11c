"""Publishing a small model, and the one that comes with the package."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config

from bffr_runtime.image_io import read_image
from mmseg_bffr.apis import fuse, init_model, segment, shipped
from mmseg_bffr.apis.publish import publish
from mmseg_bffr.errors import InputError


@pytest.fixture(scope='module')
def files(synthetic):
    return synthetic / 'vis/00001N.png', synthetic / 'ir/00001N.png'


@pytest.fixture
def checkpoint(tiny_configs, tmp_path):
    """A checkpoint as training leaves it, with more than weights in it."""
    weights = init_model(tiny_configs[1]).state_dict()
    weights['fuser.fusion.0.visible.embed.0.norm.running_var'].fill_(1e-9)
    torch.save({'state_dict': weights, 'optimizer': {'a': torch.ones(9)}}, tmp_path / 'joint.pth')
    return tmp_path / 'joint.pth'


@pytest.fixture
def published(tiny_configs, checkpoint, tmp_path):
    return publish(tiny_configs[1], checkpoint, tmp_path / 'new/published')


@pytest.fixture
def as_shipped(published, monkeypatch):
    monkeypatch.setattr(shipped, 'FOLDER', published[0].parent)


class TestPublish:
    def test_results_stay(self, tiny_configs, checkpoint, published, files):
        before, after = init_model(tiny_configs[1], checkpoint), init_model(*published)
        difference = fuse(after, *files).astype(int) - fuse(before, *files)
        assert np.abs(difference).max() <= 2
        before.test_cfg.mode = 'whole'
        assert (segment(after, *files) == segment(before, *files)).mean() > 0.99
        assert {parameter.dtype for parameter in after.parameters()} == {torch.float32}

    def test_weights_are_plain_and_small(self, published, checkpoint):
        content = torch.load(published[1], weights_only=True)
        assert list(content) == ['meta', 'state_dict']
        weights = torch.load(checkpoint, weights_only=True)['state_dict']
        assert content['state_dict'].keys() == weights.keys()
        for name, tensor in content['state_dict'].items():
            if name.endswith(('running_mean', 'running_var')):
                assert tensor.dtype == torch.float32
                torch.testing.assert_close(tensor, weights[name], rtol=0, atol=0)
            elif weights[name].is_floating_point():
                assert tensor.dtype == torch.float16

    def test_config_stands_alone(self, published, root, tmp_path):
        text = published[0].read_text()
        for word in ('_base_', 'init_cfg', 'loss', 'optim', 'slide', str(root), str(tmp_path)):
            assert word not in text
        parts = {'custom_imports', 'default_scope', 'model', 'test_dataloader'}
        assert set(Config.fromfile(published[0])) == parts

    def test_fuser_alone(self, tiny_configs, checkpoint, files, tmp_path):
        alone = init_model(*publish(tiny_configs[0], checkpoint, tmp_path / 'fuser'))
        joint = init_model(tiny_configs[1], checkpoint)
        assert np.abs(fuse(alone, *files).astype(int) - fuse(joint, *files)).max() <= 2

    @pytest.mark.parametrize('value', [1e5, float('nan')])
    def test_values_beyond_16_bit(self, tiny_configs, checkpoint, tmp_path, value):
        content = torch.load(checkpoint, weights_only=True)
        content['state_dict']['fuser.out.bias'].fill_(value)
        torch.save(content, checkpoint)
        with pytest.raises(InputError, match=r'joint\.pth: fuser\.out\.bias .* not finite in 16'):
            publish(tiny_configs[1], checkpoint, tmp_path / 'out')
        assert not (tmp_path / 'out').exists()

    def test_mistakes(self, root, tiny_configs, checkpoint, tmp_path):
        with pytest.raises(InputError, match='has no fuser'):
            publish(root / 'configs/segformer/segformer_mit-b0_visible.py', checkpoint, tmp_path)
        with pytest.raises(InputError, match=r'config\.py: cannot be written'):
            publish(tiny_configs[1], checkpoint, checkpoint / 'below_a_file')

    def test_tool(self, tool, tiny_configs, checkpoint, tmp_path):
        run = tool('model_converters/publish.py', tiny_configs[1], checkpoint, tmp_path / 'out')
        assert run.error is None
        assert 'weights.pth: 6.' in run.log


@pytest.mark.parametrize('which', ['published', 'shipped'])
def test_mmsegmentations_own_init_model_takes_it(published, which):
    """In a process that knows nothing of this package but what the config imports."""
    files = published if which == 'published' else shipped.shipped_model()
    program = (
        'import sys; from mmseg.apis import init_model; '
        "model = init_model(*sys.argv[1:], device='cpu'); "
        "print(type(model).__name__, model.dataset_meta['classes'][8])"
    )
    words = [sys.executable, '-c', program, *map(str, files)]
    run = subprocess.run(words, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1:] == ['FuserSegmenter bump'], run.stderr


class TestInitModelWithoutArguments:
    def test_loads_the_shipped_model(self, as_shipped, published, files):
        np.testing.assert_array_equal(
            fuse(init_model(), *files), fuse(init_model(*published), *files)
        )

    def test_missing_files(self, monkeypatch, tmp_path):
        monkeypatch.setattr(shipped, 'FOLDER', tmp_path)
        with pytest.raises(InputError, match=r'config\.py: is missing, so there is no shipped'):
            init_model()

    def test_checkpoint_needs_its_config(self):
        with pytest.raises(InputError, match=r'a\.pth: give the config that it belongs to'):
            init_model(checkpoint='a.pth')


class TestFuseTool:
    def words(self, files, tmp_path):
        return 'fuse.py', '--vis', files[0], '--ir', files[1], '--out', tmp_path / 'out.png'

    def test_shipped_model(self, tool, as_shipped, files, tmp_path):
        assert tool(*self.words(files, tmp_path), '--seg').error is None
        np.testing.assert_array_equal(read_image(tmp_path / 'out.png'), fuse(init_model(), *files))
        assert (tmp_path / 'out_labels.png').is_file()

    def test_checkpoint_alone_goes_with_the_papers_config(self, tool, published, files, tmp_path):
        run = tool(*self.words(files, tmp_path), '--checkpoint', published[1])
        assert 'weights.pth: does not fit' in run.error

    def test_config_alone(self, tool, published, files, tmp_path):
        run = tool(*self.words(files, tmp_path), '--config', published[0])
        assert run.error == 'error: --config needs the --checkpoint that belongs to it'


class TestShippedModel:
    def test_is_small(self):
        assert sum(file.stat().st_size for file in shipped.FOLDER.iterdir()) <= 16_000_000

    @pytest.mark.parametrize('size', [(32, 32), (33, 47), (75, 101), (40, 200)])
    def test_any_size(self, size):
        rng = np.random.default_rng(0)
        pair = rng.integers(0, 256, (*size, 3), np.uint8), rng.integers(0, 256, size, np.uint8)
        model = init_model()
        assert fuse(model, *pair).shape == (*size, 3)
        assert segment(model, *pair).shape == size

    def test_is_installed(self, root, tmp_path):
        words = [sys.executable, 'setup.py', '--quiet', 'build_py', '--build-lib', tmp_path]
        subprocess.run(words, cwd=root, check=True, capture_output=True)
        folder = tmp_path / 'mmseg_bffr/shipped'
        assert {shipped.CONFIG, shipped.WEIGHTS} <= {file.name for file in folder.iterdir()}
