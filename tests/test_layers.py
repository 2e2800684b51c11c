"""Imports run one way: no part of a package imports what is built on it, nor in a circle."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ORDER = {
    'bffr': [
        *('version', 'errors', 'files', 'progress', 'threads', 'interrupt', 'with_torch'),
        *('rigs', 'images', 'models', 'video', 'evaluation', 'figures', 'fusing', 'align_cameras'),
        'hub',
        *('__init__', 'web', 'commands', '__main__'),
    ],
    'mmseg_bffr': [
        *('checkpoints', 'datasets', 'models', 'engine', '__init__', 'deploy', 'apis'),
    ],
}
"""Package -> its parts, folders or files; each may import those before it alone."""

TORCH = {'torch', 'torchvision', 'mmcv', 'mmengine', 'mmseg', 'mmseg_bffr'}


def sources(root: Path, package: str) -> dict[str, str]:
    """Module -> source; of a folder PACKAGE.__init__."""
    return {
        '.'.join(path.relative_to(root).with_suffix('').parts): path.read_text(encoding='utf-8')
        for path in (root / package).rglob('*.py')
        if 'zoo' not in path.relative_to(root).parts  # configs, which are data
    }


def imported(module: str, source: str) -> Iterator[str]:
    """Full names that a module imports, wherever in it; of strings what is known of the name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split('.')[: -node.level] if node.level else []
            base += [node.module] if node.module else []
            yield from ('.'.join([*base, alias.name]) for alias in node.names)
        elif isinstance(node, ast.Call) and 'import_module' in ast.unparse(node.func):
            (name, *_) = getattr(node.args[0], 'values', node.args)
            if isinstance(name, ast.Constant):
                yield name.value


def part_of(name: str, order: list[str]) -> str:
    """The part that a name is in; what is in none comes from the package itself."""
    first, *_ = [*name.split('.')[1:], '__init__']
    return first if first in order else '__init__'


def climbing(modules: dict[str, str], order: list[str]) -> list[tuple[str, str]]:
    """Module and name of each import of a part that does not come before the module's own."""
    package = next(iter(modules)).partition('.')[0]
    found = []
    for module, source in modules.items():
        own = part_of(module, order)
        for name in imported(module, source):
            if name.partition('.')[0] == package:
                part = part_of(name, order)
                if part != own and order.index(part) > order.index(own):
                    found.append((module, name))
    return found


def graph(modules: dict[str, str]) -> dict[str, set[str]]:
    """Module -> modules that it imports names of."""
    return {
        module: {found for name in imported(module, source) if (found := holder(name, modules))}
        for module, source in modules.items()
    }


def holder(name: str, modules: dict[str, str]) -> str | None:
    """The module that is, or holds, a name."""
    parent = name.rpartition('.')[0]
    candidates = name, f'{name}.__init__', parent, f'{parent}.__init__'
    return next((module for module in candidates if module in modules), None)


@pytest.mark.parametrize('package', ORDER)
class TestPackages:
    def test_every_part_has_its_place(self, root, package):
        parts = {module.split('.')[1] for module in sources(root, package)}
        assert parts == set(ORDER[package])

    def test_every_folder_is_a_package(self, root, package):
        modules = sources(root, package)
        assert {f'{module.rpartition(".")[0]}.__init__' for module in modules} <= modules.keys()

    def test_no_import_climbs(self, root, package):
        assert climbing(sources(root, package), ORDER[package]) == []

    def test_there_is_no_circle(self, root, package):
        TopologicalSorter(graph(sources(root, package))).prepare()


def test_one_door_leads_from_arrays_to_torch(root):
    doors = {
        module
        for module, source in sources(root, 'bffr').items()
        if TORCH.intersection(name.partition('.')[0] for name in imported(module, source))
    }
    assert doors == {'bffr.with_torch'}


class TestTheseTests:
    @pytest.mark.parametrize(
        ('module', 'source', 'names'),
        [
            ('a.b.c', 'import x.y, z', ['x.y', 'z']),
            ('a.b.c', 'from x.y import z', ['x.y.z']),
            ('a.b.c', 'from . import d', ['a.b.d']),
            ('a.b.c', 'from .d import e, f', ['a.b.d.e', 'a.b.d.f']),
            ('a.b.c', 'from .. import d', ['a.d']),
            ('a.b.c', 'from ..d import e', ['a.d.e']),
            ('a.b.__init__', 'from .d import e', ['a.b.d.e']),
            ('a.b.__init__', 'from ..d import e', ['a.d.e']),
            ('a.b', 'def f():\n    if x:\n        from .d import e', ['a.d.e']),
            ('a.b', "import_module('a.c')", ['a.c']),
            ('a.b', "importlib.import_module(f'a.c.{d}')", ['a.c.']),
            ('a.b', "import_module(f'{d}.c')", []),
        ],
    )
    def test_all_imports_are_found(self, module, source, names):
        assert list(imported(module, source)) == names

    @pytest.mark.parametrize(
        ('module', 'source', 'climbs'),
        [
            ('p.low.x', 'from ..high import y', True),
            ('p.low.x', 'def f():\n    from p.high import y', True),
            ('p.low.__init__', 'from .. import high', True),
            ('p.low', 'import p.high.y', True),
            ('p.low.x', 'from p import y', True),
            ('p.low.x', 'from .. import y', True),
            ('p.high.x', 'from ..low import y', False),
            ('p.high', 'from . import y', False),
            ('p.low.x', 'from .y import z', False),
            ('p.low.x', 'from q.high import y', False),
        ],
    )
    def test_what_climbs_is_found(self, module, source, climbs):
        assert bool(climbing({module: source}, ['low', '__init__', 'high'])) == climbs

    @pytest.mark.parametrize(
        'modules',
        [
            {'p.a': 'from .b import x', 'p.b': 'def f():\n    from p import a'},
            {'p.a.__init__': 'from .b import x', 'p.a.b': 'from ..a import y'},
        ],
    )
    def test_a_circle_is_found(self, modules):
        with pytest.raises(CycleError):
            TopologicalSorter(graph(modules)).prepare()
