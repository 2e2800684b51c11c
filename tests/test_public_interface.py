"""What docs/api.md promises is there, stays, is annotated, and satisfies a type checker.

`python -m tests.test_public_interface` prints what is there now, for `tests/data/`.
"""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from bffr.__main__ import COMMANDS, module_of
from bffr.models.exported import FIELDS

PAGE = Path(__file__).parents[1] / 'docs/api.md'
LIST = Path(__file__).parent / 'data/public_interface.txt'
NAMES = re.findall(r'`((?:mmseg_)?bffr\.[\w.]*)`', PAGE.read_text(encoding='utf-8'))


def resolve(name):
    """What users get; `pkgutil.resolve_name` prefers a module where both have one name."""
    package, _, attribute = name.rpartition('.')
    return getattr(importlib.import_module(package), attribute)


def signature(found) -> str:
    """Names, kinds and defaults of the arguments."""
    parameters = inspect.signature(found).parameters.values()
    return str(
        inspect.Signature([one.replace(annotation=inspect.Parameter.empty) for one in parameters])
    )


def interface() -> list[str]:
    """A line for each name: functions, classes and their methods, options, fields of files."""
    lines = []
    for name in NAMES:
        found = resolve(name)
        if name in ('bffr.InputError', 'bffr.__version__'):
            lines.append(name)
            continue
        lines.append(f'{name}{signature(found)}')
        for own, value in vars(found).items() if inspect.isclass(found) else ():
            if own[0] != '_' and own not in inspect.signature(found).parameters:
                called = getattr(value, '__func__', value)  # of a class method
                shown = signature(called) if inspect.isfunction(called) else ''
                lines.append(f'{name}.{own}{shown}')
    for command in COMMANDS:
        for action in module_of(command).make_parser()._actions:
            words = ', '.join(action.option_strings) or action.dest
            choices = f' {{{", ".join(map(str, action.choices))}}}' if action.choices else ''
            lines.append(f'bffr {command} {words}{choices}')
    lines += [f'model.json {name}: {kind.__name__}' for name, kind in FIELDS.items()]
    not_written = 'crop', 'drift', 'parallax'
    names = [field.name for field in fields(resolve('bffr.Rig'))]
    lines += [f'rig.json {name}' for name in names if name not in not_written]
    return lines


def test_nothing_has_changed_but_what_the_list_says():
    assert interface() == LIST.read_text(encoding='utf-8').splitlines()


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
        *('fuse', 'segment', 'fuse_and_segment', 'detect'),
        *('metadata', 'finds', 'classes', 'palette', 'min_size', 'infrared'),
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


if __name__ == '__main__':
    print('\n'.join(interface()))
