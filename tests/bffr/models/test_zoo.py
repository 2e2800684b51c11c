"""The models that come with the package, by name, exported and as weights."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from bffr.models import zoo
from bffr.models.exported import sha256
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.apis import zoo as weights_zoo
from mmseg_bffr.models import TransFuser
from tests.fake_models import drawn_pair, mean_model, write_exported


@pytest.fixture
def own_zoo(tiny_configs, tmp_path, monkeypatch):
    """A zoo of two models: `tiny`, weights and exported, the default, and `other`, weights only."""
    exported, weights = tmp_path / 'exported', tmp_path / 'weights'
    digests = {}
    for name, config in zip(('tiny-1', 'other-1'), reversed(tiny_configs), strict=True):
        (weights / name).mkdir(parents=True)
        shutil.copy(config, weights / name / 'config.py')
        torch.manual_seed(0)
        content = {'state_dict': init_model(config).state_dict()}
        torch.save(content, weights / name / 'weights.pth')
        digests[name] = sha256(weights / name / 'weights.pth')
    write_exported(exported / 'tiny-1')
    names = {'default': 'tiny-1', 'tiny': 'tiny-1', 'other': 'other-1'}
    (exported / 'zoo.json').write_text(json.dumps({'names': names, 'weights_sha256': digests}))
    monkeypatch.setattr(zoo, 'FOLDER', exported)
    monkeypatch.setattr(zoo, 'LIST', exported / 'zoo.json')
    monkeypatch.setattr(weights_zoo, 'FOLDER', weights)
    return weights


class TestNames:
    @pytest.mark.parametrize('name', [None, 'default', 'tiny', 'tiny-1'])
    def test_short_or_in_full(self, own_zoo, name):
        wanted = mean_model().fuse(*drawn_pair(2))
        np.testing.assert_array_equal(bffr.load(name).fuse(*drawn_pair(2)), wanted)
        config, weights = own_zoo / 'tiny-1/config.py', own_zoo / 'tiny-1/weights.pth'
        expected = fuse(init_model(config, weights), *drawn_pair(2))
        np.testing.assert_array_equal(fuse(init_model(model=name), *drawn_pair(2)), expected)
        by_torch = bffr.load(name, engine='torch')
        np.testing.assert_array_equal(by_torch.fuse(*drawn_pair(2)), expected)

    def test_a_folder_of_the_same_name_hides_no_model(self, own_zoo, tmp_path, monkeypatch):
        (tmp_path / 'tiny').mkdir()
        monkeypatch.chdir(tmp_path)
        assert bffr.load('tiny').metadata == bffr.load('tiny-1').metadata
        with pytest.raises(InputError, match='cannot be read'):
            bffr.load('./tiny')

    def test_a_model_that_is_not_exported_runs_by_torch(self, own_zoo):
        network = init_model(model='other')
        assert type(network) is TransFuser
        model = bffr.load('other')
        np.testing.assert_array_equal(model.fuse(*drawn_pair(1)), fuse(network, *drawn_pair(1)))
        with pytest.raises(InputError, match='other-1: is not exported yet; `bffr export --model'):
            bffr.load('other', engine='openvino')

    @pytest.mark.parametrize('load', [bffr.load, lambda name: init_model(model=name)])
    def test_unknown(self, own_zoo, load):
        with pytest.raises(
            InputError, match=r'^any: is not a model .* default, tiny, other, tiny-1'
        ):
            load('any')

    def test_arguments_that_do_not_go_together(self, own_zoo):
        files = own_zoo / 'tiny-1/config.py', own_zoo / 'tiny-1/weights.pth'
        with pytest.raises(InputError, match=r'a\.pth: give the config that it belongs to'):
            init_model(checkpoint='a.pth')
        with pytest.raises(InputError, match='tiny: is a model of the zoo; leave out config'):
            init_model(*files, model='tiny')
        for given in (files[:1], (None, files[1])):
            with pytest.raises(InputError, match='give both a config and its checkpoint'):
                bffr.load(*given)
        with pytest.raises(InputError, match=r'config\.py: a config runs with torch; export it'):
            bffr.load(*files, engine='openvino')


class TestWeights:
    def test_other_ones_than_those_listed(self, own_zoo):
        shutil.copy(own_zoo / 'other-1/weights.pth', own_zoo / 'tiny-1/weights.pth')
        with pytest.raises(InputError, match=r'weights\.pth: is not the file that zoo\.json lists'):
            init_model()

    @pytest.mark.parametrize('name', ['config.py', 'weights.pth'])
    def test_missing_files(self, own_zoo, name):
        (own_zoo / 'tiny-1' / name).unlink()
        with pytest.raises(InputError, match=rf'{name}: is missing, so the zoo does not have this'):
            init_model()


class TestThePackagesZoo:
    def test_lists_what_is_there(self):
        names = zoo.zoo_names()
        assert {path.parent.name for path in zoo.FOLDER.glob('*/README.md')} == {*names}
        assert {path.name for path in weights_zoo.FOLDER.iterdir() if path.is_dir()} == {*names}
        assert names[0] == zoo.full_name('default')
        assert {*zoo.zoo_list()['names'].values()} <= {*names}
        for name in names:
            weights_zoo.zoo_model(name)

    def test_exported_models_are_of_these_weights(self):
        for name in ('default', 'content-t', 'content-xt'):
            folder = zoo.exported_folder(zoo.full_name(name))
            metadata = json.loads((folder / 'model.json').read_text())
            listed = zoo.zoo_list()['weights_sha256'][zoo.full_name(name)]
            assert metadata['checkpoint_sha256'] == listed

    @pytest.mark.parametrize('name', ['default', 'content-t', 'content-xt'])
    @pytest.mark.parametrize('size', [(32, 32), (33, 47), (75, 101), (40, 200)])
    def test_exported_and_weights_give_the_same_pictures(self, name, size):
        rng = np.random.default_rng(0)
        coarse = rng.integers(0, 256, (4, 5, 4), np.uint8)
        image = np.repeat(np.repeat(coarse, 50, 0), 50, 1)[: size[0], : size[1]]
        pair = np.ascontiguousarray(image[..., :3]), np.ascontiguousarray(image[..., 3])
        exported, network = bffr.load(name), init_model(model=name)
        difference = exported.fuse(*pair).astype(int) - fuse(network, *pair)
        assert np.abs(difference).max() <= 1
        if exported.classes:
            assert (exported.segment(*pair) == segment(network, *pair)).mean() > 0.999

    def test_what_each_was_trained_on_is_listed_and_linked(self):
        for name in zoo.zoo_names():
            names = zoo.trained_on(name)
            assert len(names) == 261 + 172
            assert {'00004N', '01599D', 'FLIR_00006', 'FLIR_video_04215'} <= names
            card = (zoo.FOLDER / name / 'README.md').read_text(encoding='utf-8')
            for file in zoo.zoo_list()['trained_on'][name]:
                assert f'(../trained_on/{file}.txt)' in card

    def test_was_not_trained_on_what_it_is_measured_on(self, shared):
        measured = {
            *(shared / 'data/msrs/val.txt').read_text().split(),
            *(
                file.stem
                for name in ('roadscene', 'tno', 'vifb')
                for file in (shared / 'data' / name / 'vis').iterdir()
            ),
        }
        assert len(measured) == 50 + 10 + 10 + 7
        assert not [name for name in zoo.zoo_names() if zoo.trained_on(name) & measured]

    def test_is_small(self):
        for folder, most in ((zoo.FOLDER, 25e6), (weights_zoo.FOLDER, 45e6)):
            files = [file for file in folder.rglob('*') if file.is_file()]
            assert sum(file.stat().st_size for file in files) <= most

    def test_is_installed(self, root, tmp_path):
        words = [sys.executable, 'setup.py', '--quiet', 'build_py', '--build-lib', tmp_path]
        subprocess.run(words, cwd=root, check=True, capture_output=True)
        for package, folder in (('bffr', zoo.FOLDER), ('mmseg_bffr', weights_zoo.FOLDER)):
            for file in folder.rglob('*.*'):
                if file.is_file() and '__pycache__' not in file.parts:
                    assert (tmp_path / package / 'zoo' / file.relative_to(folder)).is_file()
