"""Publishing a small model, and those that come with the package."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config

from bffr.errors import InputError
from bffr.images.image_io import read_image
from mmseg_bffr.apis import fuse, init_model, segment, zoo
from mmseg_bffr.deploy.publishing import publish
from mmseg_bffr.models import TransFuser


@pytest.fixture(scope='module')
def files(synthetic):
    return synthetic / 'vis/00001N.png', synthetic / 'ir/00001N.png'


@pytest.fixture(scope='module')
def checkpoint(tiny_configs, tmp_path_factory):
    """A checkpoint as training leaves it, with more than weights in it."""
    path = tmp_path_factory.mktemp('trained') / 'joint.pth'
    weights = init_model(tiny_configs[1]).state_dict()
    weights['fuser.fusion.0.visible.embed.0.norm.running_var'].fill_(1e-9)
    torch.save({'state_dict': weights, 'optimizer': {'a': torch.ones(9)}}, path)
    return path


@pytest.fixture(scope='module')
def published(tiny_configs, checkpoint, tmp_path_factory):
    return publish(tiny_configs[1], checkpoint, tmp_path_factory.mktemp('new') / 'sub/published')


@pytest.fixture(scope='module')
def two_models(tiny_configs, checkpoint, tmp_path_factory):
    """A zoo of two models, `tiny` by default and `other`."""
    folder = tmp_path_factory.mktemp('zoo')
    (folder / zoo.LIST).write_text('{"default": "tiny", "sha256": {}}')
    publish(tiny_configs[1], checkpoint, folder / 'tiny')
    publish(tiny_configs[0], checkpoint, folder / 'other')
    return folder


@pytest.fixture
def own_zoo(two_models, monkeypatch, tmp_path):
    """A copy of it in place of the package's; returns the paths of `tiny`."""
    folder = shutil.copytree(two_models, tmp_path / 'zoo')
    monkeypatch.setattr(zoo, 'FOLDER', folder)
    return folder / 'tiny' / zoo.CONFIG, folder / 'tiny' / zoo.WEIGHTS


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

    def test_config_stands_alone(self, published, root):
        text = published[0].read_text()
        folders = str(root), str(published[0].parents[2])
        for word in ('_base_', 'init_cfg', 'loss', 'optim', 'slide', *folders):
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
        torch.save(content, tmp_path / 'a.pth')
        with pytest.raises(InputError, match=r'a\.pth: fuser\.out\.bias .* not finite in 16'):
            publish(tiny_configs[1], tmp_path / 'a.pth', tmp_path / 'out')
        assert not (tmp_path / 'out').exists()

    def test_mistakes(self, root, tiny_configs, checkpoint, tmp_path):
        segmenter = root / 'configs/segformer/segformer_mit-b0_1xb4-160k_mfnet-240x320.py'
        with pytest.raises(InputError, match='has no fuser'):
            publish(segmenter, checkpoint, tmp_path)
        with pytest.raises(InputError, match=r'config\.py: cannot be written'):
            publish(tiny_configs[1], checkpoint, checkpoint / 'below_a_file')

    def test_tool(self, tool, tiny_configs, checkpoint, tmp_path):
        run = tool('publish', tiny_configs[1], checkpoint, tmp_path / 'out')
        assert run.error is None
        assert 'weights.pth: 6.' in run.log


def test_mmsegmentations_own_init_model_takes_them(published):
    """In a process that knows nothing of this package but what the config imports."""
    program = (
        'import sys; from mmseg.apis import init_model\n'
        'for files in (sys.argv[1:3], sys.argv[3:]):\n'
        "    model = init_model(*files, device='cpu')\n"
        "    print(type(model).__name__, model.dataset_meta['classes'][8])"
    )
    words = [sys.executable, '-c', program, *map(str, (*published, *zoo.zoo_model()))]
    run = subprocess.run(words, capture_output=True, text=True)
    said = [line for line in run.stdout.splitlines() if line.startswith('FuserSegmenter')]
    assert said == 2 * ['FuserSegmenter bump'], run.stderr


class TestZoo:
    def test_models_by_name(self, own_zoo, files):
        expected = fuse(init_model(*own_zoo), *files)
        for model in (init_model(), init_model(model='default'), init_model(model='tiny')):
            np.testing.assert_array_equal(fuse(model, *files), expected)
        assert type(init_model(model='other')) is TransFuser

    def test_unknown_name(self, own_zoo):
        with pytest.raises(InputError, match=r'^any: is no model .* default, tiny, other\.$'):
            init_model(model='any')

    def test_other_weights_than_those_listed(self, own_zoo):
        shutil.copy(own_zoo[1].parents[1] / 'other/weights.pth', own_zoo[1])
        with pytest.raises(InputError, match=r'tiny/weights\.pth: is not the file that models\.js'):
            init_model()

    @pytest.mark.parametrize('name', ['models.json', 'tiny/config.py', 'tiny/weights.pth'])
    def test_missing_files(self, own_zoo, name):
        (own_zoo[0].parents[1] / name).unlink()
        with pytest.raises(InputError, match=rf'{name}: is missing, so the zoo does not have this'):
            init_model()

    def test_arguments_that_do_not_go_together(self, own_zoo):
        with pytest.raises(InputError, match=r'a\.pth: give the config that it belongs to'):
            init_model(checkpoint='a.pth')
        with pytest.raises(InputError, match='tiny: is a model of the zoo; leave out config'):
            init_model(*own_zoo, model='tiny')


class TestFuseTool:
    def words(self, files, tmp_path):
        return 'fuse', '--vis', files[0], '--ir', files[1], '--out', tmp_path / 'out.png'

    def test_default_model(self, tool, own_zoo, files, tmp_path):
        assert tool(*self.words(files, tmp_path), '--seg').error is None
        np.testing.assert_array_equal(read_image(tmp_path / 'out.png'), fuse(init_model(), *files))
        assert (tmp_path / 'out_labels.png').is_file()

    def test_model_by_name(self, tool, own_zoo, files, tmp_path):
        assert tool(*self.words(files, tmp_path), '--model', 'other').error is None
        run = tool(*self.words(files, tmp_path), '--model', 'other', '--seg')
        assert 'needs the config of a joint model' in run.error
        run = tool(*self.words(files, tmp_path), '--model', 'other', '--method', 'max')
        assert 'not allowed with argument --model' in run.error

    def test_checkpoint_alone_goes_with_the_papers_config(self, tool, published, files, tmp_path):
        run = tool(*self.words(files, tmp_path), '--checkpoint', published[1])
        assert 'weights.pth: does not fit' in run.error

    def test_config_alone(self, tool, published, files, tmp_path):
        run = tool(*self.words(files, tmp_path), '--config', published[0])
        assert run.error == 'error: --config needs the --checkpoint that belongs to it'


class TestThePackagesZoo:
    def test_lists_what_is_there(self):
        listed = json.loads((zoo.FOLDER / zoo.LIST).read_text())
        folders = {path.name for path in zoo.FOLDER.iterdir() if path.is_dir()}
        assert listed['sha256'].keys() == folders
        assert {*zoo.zoo_names()} == folders
        assert zoo.zoo_names()[0] == listed['default']
        for name in folders:
            zoo.zoo_model(name)

    def test_is_small(self):
        files = [file for file in zoo.FOLDER.rglob('*') if file.is_file()]
        assert sum(file.stat().st_size for file in files) <= 45_000_000

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
        installed = tmp_path / 'mmseg_bffr/zoo'
        for file in zoo.FOLDER.rglob('*.*'):
            if file.is_file() and '__pycache__' not in file.parts:
                assert (installed / file.relative_to(zoo.FOLDER)).is_file()
