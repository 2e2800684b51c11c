"""Checkpoints of the authors become small files with this project's names."""

import csv

import torch

from mmseg_bffr.models import TransFuser


def test_the_authors_names_are_replaced_and_only_weights_are_kept(tool, root, tmp_path):
    with open(root / 'tests/data/legacy_keys.csv', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['checkpoint'] == 'legacy_avg_fuser.pth']
    old = {row['key']: torch.zeros([int(n) for n in row['shape'].split('x') if n]) for row in rows}
    torch.save({'state_dict': old, 'optimizer': {}, 'meta': {'iter': 1}}, tmp_path / 'old.pth')
    out = tmp_path / 'new.pth'
    run = tool('model_converters/to_current_names.py', tmp_path / 'old.pth', out)
    names = TransFuser().state_dict().keys()
    assert (run.status, run.log) == (None, f'{out}: {len(names)} tensors\n')
    content = torch.load(out)
    assert content.keys() == {'meta', 'state_dict'}
    assert content['state_dict'].keys() == names


def test_a_mistake_is_a_sentence(tool, tmp_path):
    run = tool('model_converters/to_current_names.py', tmp_path / 'no.pth', tmp_path / 'new.pth')
    assert run.status == 1
    assert f'{tmp_path}/no.pth: cannot be read' in run.error
