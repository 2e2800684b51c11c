"""Publishing a small model."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config

from bffr.errors import InputError
from bffr.models.exported import sha256
from mmseg_bffr.apis import fuse, init_model, segment, zoo
from mmseg_bffr.apis import publish as publishing
from mmseg_bffr.apis.publish import publish
from mmseg_bffr.apis.torch_engine import as_model


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
        parts = {'custom_imports', 'default_scope', 'license', 'model', 'test_dataloader'}
        assert set(Config.fromfile(published[0])) == parts

    def test_the_licence_goes_with_it(self, tiny_configs, checkpoint, tmp_path):
        cfg = Config.fromfile(tiny_configs[1])
        cfg.license = "CC0-1.0; of 'drawn' images"
        cfg.dump(tmp_path / 'licensed.py')
        network = init_model(*publish(tmp_path / 'licensed.py', checkpoint, tmp_path / 'out'))
        assert as_model(network).metadata['license'] == cfg.license

    def test_fuser_alone(self, tiny_configs, checkpoint, files, tmp_path):
        alone = init_model(*publish(tiny_configs[0], checkpoint, tmp_path / 'fuser'))
        joint = init_model(tiny_configs[1], checkpoint)
        assert np.abs(fuse(alone, *files).astype(int) - fuse(joint, *files)).max() <= 2

    @pytest.mark.parametrize('value', [1e5, float('nan')])
    def test_values_beyond_16_bit(self, tiny_configs, checkpoint, tmp_path, value):
        content = torch.load(checkpoint, weights_only=True)
        content['state_dict']['fuser.out.bias'].fill_(value)
        torch.save(content, tmp_path / 'a.pth')
        wrong = r'a\.pth: fuser\.out\.bias holds (NaN|values that are not finite in 16)'
        with pytest.raises(InputError, match=wrong):
            publish(tiny_configs[1], tmp_path / 'a.pth', tmp_path / 'out')
        assert not (tmp_path / 'out').exists()

    def test_its_own_files_stay(self, published, tmp_path):
        config, weights = (tmp_path / file.name for file in published)
        for file, copy in zip(published, (config, weights), strict=True):
            copy.write_bytes(file.read_bytes())
        with pytest.raises(InputError, match='holds input'):
            publish(config, weights, tmp_path)

    def test_in_the_zoo_it_is_listed(self, tiny_configs, checkpoint, tmp_path, monkeypatch):
        monkeypatch.setattr(publishing, 'FOLDER', tmp_path / 'zoo')
        monkeypatch.setattr(publishing, 'LIST', tmp_path / 'zoo.json')
        shutil.copy(zoo.LIST, tmp_path / 'zoo.json')
        before = json.loads((tmp_path / 'zoo.json').read_text())
        publish(tiny_configs[0], checkpoint, tmp_path / 'elsewhere')
        assert json.loads((tmp_path / 'zoo.json').read_text()) == before
        _, weights = publish(tiny_configs[0], checkpoint, tmp_path / 'zoo/tiny')
        before['weights_sha256']['tiny'] = sha256(weights)
        assert json.loads((tmp_path / 'zoo.json').read_text()) == before

    def test_mistakes(self, root, tiny_configs, checkpoint, tmp_path):
        (tiny_segmenter, *_) = root.glob('configs/segformer/*.py')
        with pytest.raises(InputError, match='has no fuser'):
            publish(tiny_segmenter, checkpoint, tmp_path)
        with pytest.raises(InputError, match=r'config\.py: cannot be written'):
            publish(tiny_configs[1], checkpoint, checkpoint / 'below_a_file')

    def test_an_own_module_has_to_go_along(
        self, tool, tiny_configs, checkpoint, files, tmp_path, monkeypatch
    ):
        (tmp_path / 'own_part.py').touch()
        config = tmp_path / 'own.py'
        imports = "dict(imports=['mmseg_bffr', 'own_part'])"
        config.write_text(f'_base_ = {str(tiny_configs[0])!r}\ncustom_imports = {imports}\n')
        monkeypatch.syspath_prepend(tmp_path)
        run = tool('publish', config, checkpoint, tmp_path / 'out')
        assert (
            'config.py: imports own_part; its users need that file, too' in run.log + run.messages
        )
        monkeypatch.undo()
        monkeypatch.delitem(sys.modules, 'own_part')
        words = [
            '--config',
            tmp_path / 'out/config.py',
            '--checkpoint',
            tmp_path / 'out/weights.pth',
        ]
        words += ['--vis', files[0], '--ir', files[1], '--out', tmp_path / 'fused.png']
        run = tool('fuse', *words)
        assert 'Failed to import own_part; put the file of what custom_imports' in run.error

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
