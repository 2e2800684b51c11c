"""What docs/api.md promises is there, is annotated, and satisfies a type checker."""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bffr.__main__ import COMMANDS

PAGE = Path(__file__).parents[1] / 'docs/api.md'
NAMES = re.findall(r'`((?:mmseg_)?bffr\.[\w.]*)`', PAGE.read_text(encoding='utf-8'))


def resolve(name):
    """What users get; `pkgutil.resolve_name` prefers a module where both have one name."""
    package, _, attribute = name.rpartition('.')
    return getattr(importlib.import_module(package), attribute)


@pytest.mark.parametrize(
    'package', ['bffr', 'bffr.evaluation', 'mmseg_bffr.apis', 'mmseg_bffr.models']
)
def test_the_page_names_what_a_package_exports(package):
    exported = {f'{package}.{name}' for name in importlib.import_module(package).__all__}
    assert {name for name in NAMES if name.rpartition('.')[0] == package} == exported


@pytest.mark.parametrize('name', NAMES)
def test_is_there_and_annotated(name):
    found = resolve(name)
    functions = [found] if inspect.isfunction(found) else []
    if inspect.isclass(found):
        functions = [f for n, f in vars(found).items() if inspect.isfunction(f) and n[0] != '_']
    for function in functions:
        signature = inspect.signature(function)
        assert signature.return_annotation is not signature.empty, function
        for parameter in signature.parameters.values():
            if parameter.name not in ('self', 'flags'):
                assert parameter.annotation is not parameter.empty, (function, parameter)


def test_a_model_has_what_the_page_names():
    (row,) = re.findall(r'^\| `bffr.Model` \|.*', PAGE.read_text(encoding='utf-8'), re.MULTILINE)
    names = {*re.findall(r'`(\w+)`', row)} - {'load'}
    assert names == {
        *('fuse', 'segment', 'fuse_and_segment', 'detect', 'finds'),
        *('metadata', 'classes', 'palette', 'min_size', 'infrared'),
    }
    model = resolve('bffr.load')('max')
    assert all(hasattr(model, name) for name in names)


def test_the_python_reference_has_all_of_them():
    named = [found for found in map(resolve, NAMES) if callable(found)]
    page = PAGE.with_name('python.md').read_text(encoding='utf-8')
    documented = map(resolve, re.findall(r'\.\. auto\w+:: (\S+)', page))
    assert set(documented) == set(named)


def test_the_command_reference_has_all_commands():
    page = PAGE.with_name('commands.md').read_text(encoding='utf-8')
    documented = re.findall(r':module: bffr\.commands\.(\S+)(?:\n:.*)*\n:prog: bffr (\S+)', page)
    assert sorted(name for _, name in documented) == sorted(COMMANDS)
    assert all(module == name.replace('-', '_') for module, name in documented)


@pytest.mark.slow
def test_what_users_write_satisfies_a_type_checker(root, tmp_path):
    if importlib.util.find_spec('mypy') is None:
        pytest.skip('mypy is not installed')
    run = subprocess.run(
        [*(sys.executable, '-m', 'mypy', '--strict', '--follow-imports=silent'),
         *('--cache-dir', tmp_path, root / 'tests/typed_use.py')],
        env={**os.environ, 'MYPYPATH': str(root)},
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
