"""Choices in parsers, which import nothing that holds them, are those of what takes them."""

import pytest

from bffr.__main__ import COMMANDS, module_of
from bffr.evaluation.protocols import PROTOCOLS
from bffr.images.palettes import PALETTES
from bffr.images.standard_splits import STANDARD_SPLITS
from bffr.images.stretch import STRETCHES
from bffr.models.engines import ENGINES
from bffr.models.loading import TORCH
from bffr.models.rules import RULES
from bffr.rigs.lens import COEFFICIENTS
from bffr.rigs.parallax import PARALLAX
from bffr.rigs.points import MODELS
from bffr.rigs.rig import CROPS
from bffr.video import CODECS
from mmseg_bffr.apis.device import LAUNCHERS
from mmseg_bffr.apis.downstream_tasks import TASKS
from mmseg_bffr.apis.export import TOLERANCES

WITH_CONFIG = 'train-fuser', 'train', 'test-fusion', 'test'
OF_FUSING = 'fuse', 'fuse-archive'

CHOICES = {
    ('align', '--calibrate'): [*COEFFICIENTS, 'none'],
    ('align', '--model'): MODELS,
    ('downstream', '--task'): TASKS,
    ('eval', '--protocol'): PROTOCOLS,
    ('export', '--engine'): ENGINES,
    ('export', '--precision'): TOLERANCES,
    ('export', '--what'): ['fuse', 'fuse+segment', 'fuse+detect'],
    ('fuse', '--codec'): CODECS,
    ('fuse', '--ir-scope'): ['pair', 'sequence'],
    ('fuse', '--parallax'): PARALLAX,
    ('fuse', '--stretch'): STRETCHES,
    ('fuse-archive', '--stretch'): {*STRETCHES} - {'sequence'},  # an archive has no order
    **{(command, '--ir-hot-pixels'): ['keep', 'remove'] for command in OF_FUSING},
    **{(command, '--ir-palette'): PALETTES for command in OF_FUSING},
    **{(command, '--engine'): [*ENGINES, TORCH] for command in (*OF_FUSING, 'web')},
    **{(command, '--crop'): CROPS for command in (*OF_FUSING, 'test-fusion')},
    **{(command, '--launcher'): ['none', *LAUNCHERS] for command in WITH_CONFIG},
}
"""Command and option -> what it takes."""

ACTIONS = {
    (command, action.option_strings[-1]): action
    for command in COMMANDS
    for action in module_of(command).make_parser()._actions
    if action.option_strings
}


def test_every_choice_is_compared():
    assert {option for option, action in ACTIONS.items() if action.choices} == CHOICES.keys()


@pytest.mark.parametrize('option', CHOICES)
def test_choices(option):
    assert sorted(ACTIONS[option].choices) == sorted(CHOICES[option])


@pytest.mark.parametrize('command', OF_FUSING)
def test_the_help_names_all_rules(command):
    said = ACTIONS[command, '--model'].help
    assert all(rule in said for rule in RULES)


def test_defaults_are_the_first_engine_and_protocol():
    assert ACTIONS['export', '--engine'].default == ENGINES[0]
    assert ACTIONS['eval', '--protocol'].default == next(iter(PROTOCOLS))


def test_the_help_names_all_standard_lists():
    assert ACTIONS['eval', '--split'].metavar.split('|') == ['F', *STANDARD_SPLITS]
