"""Imports run one way: no part of the package imports what is built on it, nor in a circle."""

import ast
from graphlib import TopologicalSorter

import pytest

LAYERS = [
    {'web'},
    {'apis'},
    {'engine', 'visualization', 'deploy'},
    {'models', 'evaluation'},
    {'datasets', 'checkpoints'},
    {'classical', 'errors', 'runtime_log'},
]


@pytest.fixture(scope='module')
def imports(root):
    """Part of the package -> the other parts that it imports; a part is a folder or a file."""
    package, found = root / 'mmseg_bffr', {}
    for path in package.rglob('*.py'):
        part = path.relative_to(package).parts[0].removesuffix('.py')
        if part in ('__init__', 'zoo'):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [f'{node.module}.{alias.name}' for alias in node.names]
            parts = {(*name.split('.'), '')[1] for name in names if name.startswith('mmseg_bffr')}
            found.setdefault(part, set()).update(parts - {part})
    return found


def test_every_part_has_its_layer(imports):
    assert imports.keys() <= set.union(*LAYERS)


def test_no_import_climbs(imports):
    layer = {part: number for number, parts in enumerate(LAYERS) for part in parts}
    climbing = [
        (part, other)
        for part, others in imports.items()
        for other in others
        if layer.get(other, -1) < layer[part]
    ]
    assert climbing == []


def test_there_is_no_circle(imports):
    TopologicalSorter(imports).prepare()
