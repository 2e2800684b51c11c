"""`bffr`: the tools by one name, with the configs that come with the package."""

import re
import sys

import pytest

from bffr.__main__ import COMMANDS, main
from bffr.commands import configs
from mmseg_bffr.apis.config import load_config

NAME = 'transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128'
FILE = f'configs/fuser/{NAME}.py'


@pytest.fixture
def bffr(monkeypatch, capfd):
    """Run `bffr` in this process: the status that it exits with, what it wrote."""

    def bffr(*words):
        monkeypatch.setattr(sys, 'argv', ['bffr', *map(str, words)])
        try:
            main()
        except SystemExit as end:
            return end.code, ''.join(capfd.readouterr())
        return 0, ''.join(capfd.readouterr())

    return bffr


def test_every_tool_is_a_command(root):
    tools = [path.read_text() for path in root.glob('tools/*.py')]
    commands = [re.search(r'`bffr (\S+)`', text)[1] for text in tools]
    modules = [re.search(r'run_command\((\w+)\)', text)[1] for text in tools]
    assert [command.replace('-', '_') for command in commands] == modules
    assert {*commands, 'configs'} == {*COMMANDS}


def test_a_mistake_ends_a_command_with_a_sentence(bffr):
    assert bffr('check', 'none.py') == (1, 'error: none.py: there is no such config file.\n')


def test_the_page_names_the_extra_that_it_needs(bffr, monkeypatch):
    monkeypatch.setattr('bffr.errors.find_spec', lambda name: None)
    sentence = 'gradio is not installed; install it with `pip install "mmseg-bffr[web]"`.'
    assert bffr('web') == (1, f'error: {sentence}\n')


@pytest.mark.parametrize(
    'words', [['fuse', '--vis', 'a'], ['plot', 'a.png', 'a=b', 'a=c'], ['nothing'], []]
)
def test_an_error_of_usage_names_the_command(bffr, words):
    status, said = bffr(*words)
    assert status == 2
    assert said.startswith('usage: bffr ')
    assert f'\n{" ".join(["bffr", *words[: words[:1] != ["nothing"]]])}: error: ' in said


def test_the_version_is_that_of_both_packages(bffr):
    import bffr
    import mmseg_bffr

    assert bffr('--version') == (0, f'{mmseg_bffr.__version__}\n')
    assert bffr.__version__ == mmseg_bffr.__version__


class TestConfigs:
    def test_all_that_can_be_run_are_listed_with_what_they_are(self, bffr, root):
        files = [path for path in root.glob('configs/*/*.py') if path.parent.name != '_base_']
        status, said = bffr('configs')
        assert status == 0
        assert sorted(re.findall(r'^\S+$', said, re.MULTILINE)) == sorted(p.stem for p in files)
        assert f'\n{NAME}\n    The small fuser learns a content loss' in said

    @pytest.mark.parametrize('text', [NAME, FILE])
    def test_are_found_by_name_from_any_folder(self, root, tmp_path, monkeypatch, text):
        monkeypatch.chdir(tmp_path)
        assert configs.config_file(text) == str(root / FILE)

    @pytest.mark.parametrize('text', ['none', 'fuser/none.py', f'../{FILE}', ''])
    def test_other_texts_are_paths(self, tmp_path, monkeypatch, text):
        monkeypatch.chdir(tmp_path)
        assert configs.config_file(text) == text

    def test_a_file_counts_before_a_shipped_config(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for text in (NAME, FILE):
            (tmp_path / text).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / text).touch()
            assert configs.config_file(text) == text

    def test_copies_are_whole_and_overwrite_nothing(self, bffr, root, tmp_path):
        copy = tmp_path / 'mine'
        assert bffr('configs', '--copy', copy) == (0, '')
        copied = load_config(copy / f'fuser/{NAME}.py')
        assert copied.to_dict() == load_config(root / FILE).to_dict()
        (copy / f'fuser/{NAME}.py').write_text('# changed')
        status, said = bffr('configs', '--copy', copy)
        assert status == 1
        assert f'error: {copy}: cannot be made (File exists)' in said
        assert (copy / f'fuser/{NAME}.py').read_text() == '# changed'

    def test_are_taken_by_name(self, bffr, synthetic, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        parts = 'train', 'val', 'test'
        roots = [f'{part}_dataloader.dataset.data_root={synthetic}' for part in parts]
        assert bffr('check', 'transfuser_avg_demo', '--cfg-options', *roots)[0] == 0
