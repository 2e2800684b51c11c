"""Classes in another order are refused, where labels are compared with predictions."""

import logging
from types import SimpleNamespace

import pytest
import torch

from bffr.errors import InputError
from mmseg_bffr.datasets import MFNetDataset
from mmseg_bffr.engine import SameClassesHook

CLASSES = MFNetDataset.METAINFO['classes']


def load(hook, trained):
    runner = SimpleNamespace(_load_from='a.pth', logger=logging.getLogger('test'))
    meta = {'dataset_meta': {'classes': trained, 'palette': [0] * len(trained)}} if trained else {}
    hook.after_load_checkpoint(runner, {'meta': meta})


@pytest.mark.parametrize('trained', ['ba', 'aB', ''])
def test_order_and_names(trained):
    hook = SameClassesHook('ab', trained='ba')
    with pytest.raises(InputError, match=r'a\.pth: was trained on the classes \w, \w, but .* a, b'):
        load(hook, tuple(trained))
    load(hook, ('a', 'b'))
    load(SameClassesHook('ab'), ())


def test_fine_tuning_may_learn_others_but_not_shuffle(caplog):
    hook = SameClassesHook('ab', learns_others=True)
    load(hook, ('a', 'c'))
    assert (
        'a, c, but the data has a, b; the head starts from the weights of the former' in caplog.text
    )
    with pytest.raises(InputError):
        load(hook, ('b', 'a'))


@pytest.fixture
def reversed_classes(tiny_configs, tmp_path):
    """The tiny joint config, some of its data with the classes in reverse."""

    def reversed_classes(*parts):
        config = tmp_path / 'reversed.py'
        data = f'dict(dataset=dict(metainfo=dict(classes={CLASSES[::-1]})))'
        lines = [f'{part}_dataloader = {data}' for part in parts]
        config.write_text('\n'.join([f'_base_ = {str(tiny_configs[1])!r}', *lines, '']))
        return config

    return reversed_classes


def test_by_command_line(tool, reversed_classes, trained_joint, tmp_path):
    work = '--work-dir', tmp_path / 'out'
    config, weights = reversed_classes('test'), trained_joint.checkpoint
    words = 'test_fuser_segmenter.py', config
    sentence = f'error: {weights}: was trained on the classes unlabeled, car, '
    assert tool(*words, weights, '--eval', 'mIoU', *work).error.startswith(sentence)
    assert tool(*words, weights, '--show-dir', tmp_path / 'shown', *work).error is None
    bare = tmp_path / 'bare.pth'
    torch.save(torch.load(weights, weights_only=False)['state_dict'], bare)
    assert f'{bare}: was trained on' in tool(*words, bare, '--eval', 'mIoU', *work).error

    words = 'train_fuser_segmenter.py', reversed_classes('train', 'val'), *work
    for flag in ('--load-from', '--resume-from'):
        assert tool(*words, flag, weights).error.startswith(sentence)
    run = tool('train_fuser_segmenter.py', reversed_classes('val'), *work)
    assert run.error.startswith('error: val_dataloader: names the classes bump, color_cone')
