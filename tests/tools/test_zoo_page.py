"""The model zoo's page says what its metafiles say, and they what is there."""

import json
import re
from pathlib import Path

import pytest

from bffr.models.exported import sha256
from bffr.models.zoo import exported_folder, zoo_list
from mmseg_bffr.apis.config import load_config
from tools.analysis_tools import zoo_page

ROOT = Path(__file__).parents[2]
METAFILES = zoo_page.read('model-index.yml')['Import']
MODELS = [model for file in METAFILES for model in zoo_page.read(file)['Models']]
BY_NAME = {model['Name']: model for model in MODELS}


def test_the_page_is_up_to_date(root):
    assert (root / 'docs/zoo.md').read_text() == zoo_page.page()


@pytest.mark.parametrize('name', zoo_list()['weights_sha256'])
def test_the_cards_are_up_to_date(root, name):
    assert (root / BY_NAME[name]['README']).read_text() == zoo_page.card(BY_NAME[name])


def test_the_card_of_a_model_that_one_command_made():
    model = dict(BY_NAME['content-s-2026-11'])
    model['Training'] = {
        'Config': 'configs/zoo/content-s',
        'Command': 'bffr train-zoo content-s --seed 4',
        'Commit': '1234abc',
        'Seeds': [4, 5],
        'Hours': 3.5,
    }
    model['Results'] = [
        {
            'Task': 'Image Fusion',
            'Dataset': 'TNO',
            'Metrics': {'EN': 7.1, 'IoU.car': 60, 'Hit.car': 90.5},
            'Means': {'EN': 7.2, 'IoU.car': 61},
            'Deviations': {'EN': 0.1, 'IoU.car': 2},
        }
    ]
    card = zoo_page.card(model)
    [training] = [line for line in card.splitlines() if line.startswith('| training |')]
    for part in (
        'train-zoo content-s --seed 4`',
        '`1234abc`',
        'configs/zoo/content-s)',
        'hours: 3.5',
    ):
        assert part in training
    assert 'seeds: 4, 5 (published: 4);' in training
    assert '| TNO | 7.1 (7.2 ± 0.1) |' in card
    assert '| class | IoU | drawn boxes hit |' in card
    assert '| car | 60 (61 ± 2) | 90.5 |' in card


def test_every_metafile_and_every_model_of_the_package_is_listed(root):
    found = {path.relative_to(root).as_posix() for path in root.glob('configs/**/metafile.yaml')}
    assert found == set(METAFILES)
    packed = zoo_list()['weights_sha256']
    assert packed == {name: BY_NAME[name]['SHA256'] for name in packed}


@pytest.mark.parametrize('name', BY_NAME)
def test_files_exist_and_hashes_fit(root, request, name):
    model = BY_NAME[name]
    for key in ('Config', 'README', 'Training log'):
        assert key not in model or (root / model[key]).is_file()
    if 'Weights' in model:
        assert model['Metadata']['License']
        weights = Path(model['Weights'])
        if weights.parent.name == 'pretrain':
            theirs = {
                'generator_context.pth': 'rivals/LUT-Fuse/generator_context.pth',
                'datfuse.pth': 'rivals/DATFuse/model_10.pth',
            }
            file = theirs.get(weights.name, f'baselines/{weights.name}')
            weights = request.getfixturevalue('golden') / file
        assert sha256(root / weights) == model['SHA256']


@pytest.mark.parametrize('name', zoo_list()['weights_sha256'])
def test_every_model_of_the_package_names_its_licence(root, name):
    spdx = BY_NAME[name]['Metadata']['License']
    said = load_config(root / f'mmseg_bffr/zoo/{name}/config.py').license
    assert load_config(root / BY_NAME[name]['Config']).license == said
    assert said.startswith(f'{spdx}; trained on ')
    if folder := exported_folder(name):
        assert json.loads((folder / 'model.json').read_text())['license'] == said
    card = (root / BY_NAME[name]['README']).read_text()
    assert f'| licence | {spdx}. ' in card
    page = (root / 'docs/licence.md').read_text()
    assert f'`{name}`' in page
    for data in ('MSRS', 'RoadScene'):
        assert all(
            data in text for text in (said, card, BY_NAME[name]['Metadata']['Training Data'])
        )
        assert f'\n| {data} |' in page


@pytest.mark.slow
def test_a_sampled_number_is_what_the_tool_prints(tool, root, shared, tmp_path):
    model = BY_NAME['content-s-2026-11']
    (published,) = (
        result['Metrics'] for result in model['Results'] if result['Dataset'] == 'TNO (10 pairs)'
    )
    words = [root / model['Config'], root / model['Weights'], '--work-dir', tmp_path, '--eval']
    folders = [f'--{kind}-dir={shared / "data/tno" / kind}' for kind in ('vis', 'ir')]
    run = tool('test_fusion.py', *words, *published, *folders)
    assert run.error is None
    printed = {metric: float(re.search(rf' {metric}: (\S+)', run.log)[1]) for metric in published}
    assert printed == pytest.approx(published, rel=2e-3)
