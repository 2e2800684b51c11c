"""`bffr`: the commands by one name, how they end, and the configs that come with the package."""

import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import bffr
import mmseg_bffr
from bffr.__main__ import COMMANDS
from bffr.commands import configs
from mmseg_bffr.apis.config import load_config

NAME = 'transfuser6_avg'
FILE = f'configs/fuser/{NAME}.py'

ABSENT = {
    'fuse': ['--vis', 'no.png', '--ir', 'no2.png', '--out', 'out.png', '--model', 'max'],
    'fuse-archive': ['--vis', 'no', '--ir', 'no2', '--out', 'out', '--model', 'max'],
    'align': ['--vis', 'no.png', '--ir', 'no2.png', '--auto', '--out', 'out.json'],
    'eval': ['--vis', 'no', '--ir', 'no2', '--fused', 'a=no3'],
    'sheet': ['out.png', '--images', 'a=no'],
    'configs': ['--copy', '/proc/no'],
    'train-fuser': ['no.py'],
    'train': ['no.py'],
    'test-fusion': ['no.py', 'no.pth'],
    'test': ['no.py', 'no.pth'],
    'check': ['no.py'],
    'plot': ['out.png', 'a=no'],
    'downstream': ['--fused', 'a=no', '--data', 'no.py', '--out', 'out.csv'],
    'export': ['no.py', 'no.pth', '--out', 'out'],
    'publish': ['no.py', 'no.pth', 'out'],
    'train-zoo': ['no', '--seed', '1'],
}
"""Command -> words that name files or folders that are not there."""

COUNTS = 'fuse-archive --workers', 'eval --workers', 'check --workers', 'web --max-megabytes'

CONTRADICTIONS = [
    ('fuse {pair} --out c --config c.py', '--config needs the --checkpoint'),
    ('fuse {pair} --out c --model max --checkpoint c.pth', '--model and --checkpoint exclude'),
    ('fuse {pair} --out c --model max --engine openvino', 'max: is a rule; leave out engine'),
    ('fuse {pair} --out c --checkpoint c.pth --engine openvino', 'a config runs with torch'),
    ('fuse {pair} --out c.png --model max --crf 3', '--codec and --crf are for videos'),
    ('fuse {pair} --out c.png --model max --offset 1', '--codec and --crf are for videos'),
    ('fuse {pair} --out c.png --model max --show', 'images are not shown in a window'),
    ('fuse {pair} --out c.png --model max --shard 1/2', '--pair-by are for folders of pairs'),
    ('fuse {pair} --out c.png --model max --pair-by order', 'are for folders of pairs'),
    ('fuse {videos} --out c.mp4 --model max --vis-range 0 9', '--page are for images'),
    ('fuse {videos} --out c.mp4 --model max --sheet', 'sheets are drawn of images only'),
    ('fuse {videos} --out c.mp4 --model max --skip-existing', 'are for folders of pairs'),
    ('fuse --vis 0 --ir 1 --out c.mp4 --model max --rate 5', '--offset are for video files'),
    ('fuse --vis 0 --ir 1 --out c.mp4 --model max --ir-scope sequence', 'give --ir-range or'),
    ('fuse {pair} --out c --crop overlap', '--crop overlap needs --align'),
    ('fuse {pair} --out c --parallax rows', '--parallax needs --align'),
    ('fuse {pair} --out c --max-shift 3', '--max-shift needs --parallax'),
    ('fuse --out c --vis a', 'give --vis and --ir, or --flir'),
    ('fuse {pair} --out c --flir d', 'give --vis and --ir, or --flir'),
    ('fuse --flir d.jpg --out c.png --model max --shard 1/2', 'are for folders of pairs'),
    ('fuse --flir d.jpg --out c.png --model max --show', 'images are not shown in a window'),
    ('fuse --flir d.jpg --out c.png --model max --rate 3', '--codec and --crf are for videos'),
    ('fuse {pair} --out=', 'out: is empty'),
    ('eval {pair} --fused a=b --plot=', 'plot: is empty'),
    ('fuse {pair} --out c.png --offset nan', "'nan' is not a number of seconds"),
    ('fuse {pair} --out c.png --page 0', "'0' is not a whole number above 0"),
    (
        'fuse --flir d --out c --pair-by order',
        '--flir: leave out --pair-by, --vis-range and --page',
    ),
    ('fuse {pair} --out c --model a.py', 'a.py: give both a config and its checkpoint'),
    (
        'fuse {pair} --out c --model max --seg',
        '--seg needs a model with classes, and max is',
    ),
    ('fuse {pair} --out c --ir-range 1 2 --ir-percentiles 1 2', 'not allowed with argument'),
    ('fuse-archive {pair} --out c --shards d', 'give --vis and --ir, or --shards'),
    ('fuse-archive --out c --vis a', 'give --vis and --ir, or --shards'),
    ('align {pair} --out c --auto --points d', 'not allowed with argument'),
    ('align {pair} --out c.json --auto --pair-by order', 'only folders are paired by --pair-by'),
    ('align --vis / --ir b --out c.json --auto', 'give two images, two folders, two videos or'),
    ('eval {pair} --fused a=b --against c', '--against c: --fused has no method of that name'),
    ('eval {pair} --fused a=b,', "'a=b,' is not NAME=DIR"),
    ('eval {pair} --fused a=b --which c --out d.md', '--which only prints what fits; leave out'),
    ('eval {pair} --fused a=b --which c --protocol vifb', '--which tries all protocols'),
    ('eval {pair} --fused a=b --images c', '--images and --zoom need --grid'),
    ('eval {pair} --fused a=b --split c --names d', 'not allowed with argument'),
    ('eval {pair} --fused a=b a=c', "'a' is given twice"),
    ('sheet a --images a=b --mark c', '--mark and --mark-in need each other'),
    ('plot a a=b a=c', "'a' is given twice"),
    ('train-fuser a --load-from b --resume-from c', 'not allowed with argument'),
    ('train a --gpu-id 0 --device cpu', 'not allowed with argument'),
    ('test-fusion a b --vis-dir c', '--vis-dir and --ir-dir belong together'),
    ('test-fusion a b --align c', '--align is for two folders; give --vis-dir and --ir-dir'),
    ('test-fusion a b --crop overlap', '--crop overlap needs --align'),
    ('test-fusion a b --out c.csv', '--out writes metrics; name some with --eval'),
    ('downstream --fused a=b --data c --out d --seeds 1 1', '--seeds: a seed is given twice'),
    ('export --out b', 'give CONFIG and CHECKPOINT, or --model NAME'),
    ('export a --out b', 'give CONFIG and CHECKPOINT, or --model NAME'),
    ('export a b --out c --model d', 'give CONFIG and CHECKPOINT, or --model NAME'),
    ('export a b --out c --whole', '--whole is for label maps; add --what fuse+segment'),
    ('export a b --out c --split d', 'give --vis and --ir, and --split only with them'),
    ('export a b --out c --precision int8', '--vis and --ir are for --precision int8'),
    ('export a b --out c --precision bf16', 'only OpenVINO computes in it; add --engine openvino'),
]
"""Options that exclude or need one another, and what is said of them."""


def test_a_tool_of_the_method_is_a_command(root):
    texts = {path.name: path.read_text() for path in root.glob('tools/*.py')}
    modules = {name: re.search(r'run_command\((\w+)\)', text)[1] for name, text in texts.items()}
    assert modules == {
        'train_fuser.py': 'train_fuser',
        'train_fuser_segmenter.py': 'train',
        'test_fusion.py': 'test_fusion',
        'test_fuser_segmenter.py': 'test',
    }
    for name, module in modules.items():
        (command,) = re.findall(r'`bffr (\S+)`', texts[name])
        assert command in COMMANDS
        assert command.replace('-', '_') == module


def test_every_command_has_a_file(root):
    others = {'arguments', 'fuse_arguments', 'run', '__init__'}
    files = {path.stem for path in root.glob('bffr/commands/*.py')} - others
    assert files == {name.replace('-', '_') for name in COMMANDS}


def test_it_is_installed_and_a_module():
    (script,) = entry_points(group='console_scripts', name='bffr')
    assert script.value == 'bffr.__main__:main'
    words = [sys.executable, '-m', 'bffr', '--version']
    assert subprocess.check_output(words, text=True) == f'{bffr.__version__}\n'


def test_no_command_shows_the_help():
    run = subprocess.run([sys.executable, '-m', 'bffr'], capture_output=True, text=True)
    assert run.returncode == 2
    assert all(f'\n  {command} ' in run.stderr for command in COMMANDS)


def test_help_lists_all_commands(tool):
    run = tool('--help')
    assert run.status == 0
    assert re.findall(r'^  ([\w-]+) +[A-Z]', run.log, re.MULTILINE) == [*COMMANDS]


class TestExitStatus:
    def test_all_commands_are_tried(self):
        assert {*ABSENT, 'web'} == {*COMMANDS}

    @pytest.mark.parametrize('command', ABSENT)
    def test_a_mistake_is_one_sentence_and_status_1(self, tool, command, tmp_path):
        work_dir = ['--work-dir', tmp_path] if command.startswith(('train', 'test')) else []
        run = tool(command, *ABSENT[command], *work_dir)
        assert run.status == 1
        assert run.messages.count('error: ') == 1
        assert 'Traceback' not in run.messages
        assert re.match(r'error: (/proc/)?no\b.*[.?)]$', run.error) or command == 'fuse-archive'

    def test_the_page_names_the_extra_that_it_needs(self, tool, monkeypatch):
        monkeypatch.setattr('bffr.errors.find_spec', lambda name: None)
        run = tool('web')
        assert run.status == 1
        sentence = "gradio is not installed; install it with `pip install 'bffr[web]'`."
        assert run.messages == f'error: {sentence}\n'

    @pytest.mark.parametrize(('line', 'sentence'), CONTRADICTIONS)
    def test_a_contradiction_is_an_error_of_usage(self, tool, line, sentence):
        command, *words = line.format(
            pair='--vis a --ir b', videos='--vis a.mp4 --ir b.mp4'
        ).split()
        run = tool(command, *words)
        assert run.status == 2
        assert run.messages.startswith(f'usage: bffr {command} ')
        assert f'\nbffr {command}: error: ' in run.messages
        assert sentence in run.error

    @pytest.mark.parametrize('option', COUNTS)
    @pytest.mark.parametrize('number', ['0', '-1', '1.5', 'all'])
    def test_a_number_of_things_is_whole_and_above_0(self, tool, option, number):
        run = tool(*option.split(), number)
        assert run.status == 2
        assert f'{number!r} is not a whole number above 0' in run.error or number == '-1'

    @pytest.mark.parametrize('words', [['fuse', '--vis', 'a'], ['nothing'], ['--nothing']])
    def test_an_error_of_usage_names_the_command(self, tool, words):
        run = tool(*words)
        assert run.status == 2
        name = ' '.join(['bffr', *words[: words[0] == 'fuse']])
        assert run.messages.startswith(f'usage: {name} ')
        assert f'\n{name}: error: ' in run.messages


def test_the_version_is_that_of_both_packages(tool):
    assert tool('--version').log == f'{bffr.__version__}\n'
    assert bffr.__version__ == mmseg_bffr.__version__


class TestConfigs:
    def test_all_that_can_be_run_are_listed_with_what_they_are(self, tool, root):
        files = [path for path in root.glob('configs/*/*.py') if path.parent.name != '_base_']
        assert {path.parent.name for path in files} > {'demo', 'fuser', 'fuser_segmenters'}
        run = tool('configs')
        assert run.status is None
        assert sorted(re.findall(r'^\S+$', run.log, re.MULTILINE)) == sorted(p.stem for p in files)
        assert f'\n{NAME}\n    Warm start: the fuser alone learns to imitate' in run.log

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

    def test_copies_are_whole_and_overwrite_nothing(self, tool, root, tmp_path):
        copy = tmp_path / 'mine'
        run = tool('configs', '--copy', copy)
        assert (run.status, run.log, run.messages) == (None, '', '')
        copied = load_config(copy / f'fuser/{NAME}.py')
        assert copied.to_dict() == load_config(root / FILE).to_dict()
        (copy / f'fuser/{NAME}.py').write_text('# changed')
        run = tool('configs', '--copy', copy)
        assert run.status == 1
        assert f'error: {copy}: cannot be made (File exists)' in run.error
        assert (copy / f'fuser/{NAME}.py').read_text() == '# changed'

    @pytest.mark.parametrize('name', ['transfuser_avg_demo', 'transfuser_segformer_demo'])
    def test_are_taken_by_name(self, tool, synthetic, name):
        parts = 'train', 'val', 'test'
        roots = [f'{part}_dataloader.dataset.data_root={synthetic}' for part in parts]
        assert tool('check', name, '--cfg-options', *roots).status is None
