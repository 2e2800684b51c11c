"""Models in the form of the Hugging Face Hub: folders, cards, and what would be sent."""

import json
import subprocess
import sys

import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.models.zoo import exported_folder, full_name
from tests.fake_models import drawn_pair, mean_model, write_exported

library = pytest.importorskip('huggingface_hub')
hub = pytest.importorskip('bffr.hub')


@pytest.fixture
def model(tmp_path):
    return hub.HubModel(write_exported(tmp_path / 'exported'))


def card_of(folder):
    """The metadata of a card, and its text."""
    card = library.ModelCard.load(folder / 'README.md')
    return card.data.to_dict(), card.text


def test_what_is_saved_loads_again_here_and_by_load(model, tmp_path):
    model.save_pretrained(tmp_path / 'saved')
    wanted = mean_model().fuse_and_segment(*drawn_pair(2))
    for again in (hub.HubModel.from_pretrained(tmp_path / 'saved'), bffr.load(tmp_path / 'saved')):
        for image, expected in zip(again.fuse_and_segment(*drawn_pair(2)), wanted, strict=True):
            np.testing.assert_array_equal(image, expected)
        assert again.metadata == model.metadata


def test_a_card_of_the_metadata(model, tmp_path):
    model.save_pretrained(tmp_path / 'saved')
    head, rest = card_of(tmp_path / 'saved')
    assert (head['license'], head['library_name']) == ('cc0-1.0', 'bffr')
    assert {'image-fusion', 'image-segmentation'} < {*head['tags']}
    assert '| classes | dark, bright |' in rest
    assert rest.index('HubModel.from_pretrained') < rest.index('| precision | fp32 |')


def test_the_card_of_the_zoo_and_of_what_comes_back(tmp_path):
    folder = exported_folder(full_name('content-t'))
    hub.HubModel(folder).save_pretrained(tmp_path / 'saved')
    head, rest = card_of(tmp_path / 'saved')
    assert head['license'] == 'apache-2.0'
    assert 'image-segmentation' not in head['tags']
    assert rest.lstrip().startswith('# content-t-2026-11\n')
    assert '](https://github.com/' in rest
    assert '](../' not in rest
    hub.HubModel(tmp_path / 'saved').save_pretrained(tmp_path / 'again')
    assert card_of(tmp_path / 'again') == (head, rest)


def test_what_is_pushed(model, monkeypatch):
    sent = {}

    def upload(self, *, repo_id, folder_path, **_):
        sent.update({path.name: path.read_bytes() for path in folder_path.iterdir()}, id=repo_id)

    monkeypatch.setattr(
        library.HfApi, 'create_repo', lambda self, repo_id, **_: type('R', (), vars())()
    )
    monkeypatch.setattr(library.HfApi, 'upload_folder', upload)
    model.push_to_hub('me/mine')
    assert sent.pop('id') == 'me/mine'
    assert sent.keys() == {'model.onnx', 'model.json', 'config.json', 'README.md'}
    assert json.loads(sent['config.json'])['library'] == 'bffr'


def test_what_is_fetched(model, tmp_path, monkeypatch):
    model.save_pretrained(tmp_path / 'saved')
    asked = {}

    def download(name, allow_patterns, **options):
        asked.update(options, name=name, patterns=allow_patterns)
        return str(tmp_path / 'saved')

    monkeypatch.setattr(hub, 'snapshot_download', download)
    monkeypatch.setattr(
        'huggingface_hub.hub_mixin.hf_hub_download', lambda **_: tmp_path / 'saved/config.json'
    )
    fetched = hub.HubModel.from_pretrained('me/mine', revision='v2', threads=1)
    assert (asked['name'], asked['revision']) == ('me/mine', 'v2')
    assert asked['patterns'] == ['model.onnx', 'model.json', 'README.md']  # no code
    assert fetched.metadata == model.metadata


def test_what_cannot_be_had(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r'model\.json: cannot be read .*`bffr export` wrote'):
        hub.HubModel.from_pretrained(tmp_path)
    with pytest.raises(InputError, match='not a/name: cannot be fetched from the Hub .*check the'):
        hub.HubModel.from_pretrained('not a/name')

    def missing(*_, **__):
        raise FileNotFoundError('no such repository\nand more')

    monkeypatch.setattr('huggingface_hub.hub_mixin.hf_hub_download', missing)
    with pytest.raises(InputError, match=r'^me/none: cannot be fetched .*\(no such repository\)'):
        hub.HubModel.from_pretrained('me/none')
    assert issubclass(library.errors.RepositoryNotFoundError, OSError)


def test_the_library_is_named_where_it_is_missing():
    code = 'import sys, importlib.util as u; f = u.find_spec\n'
    code += "u.find_spec = lambda n, *a: None if n == 'huggingface_hub' else f(n, *a)\n"
    code += 'import bffr.hub'
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (
        "huggingface_hub is not installed; install it with `pip install 'bffr[hub]'`." in run.stderr
    )
