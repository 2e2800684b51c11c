"""What distributes the package: Dockerfiles, the publishing workflow, CITATION.cff."""

import re
import runpy
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from mmengine.fileio import load

from bffr.__main__ import COMMANDS
from bffr.version import REPOSITORY, __version__

DOCKERFILES = 'Dockerfile', 'train.Dockerfile'


def instructions(path: Path) -> list[tuple[str, str]]:
    """(INSTRUCTION, arguments) of a Dockerfile."""
    text = re.sub(r'^#.*\n', '', path.read_text(), flags=re.MULTILINE).replace('\\\n', ' ')
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


@pytest.fixture(scope='module')
def extras(root):
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr('setuptools.setup', lambda **options: found.update(options))
        runpy.run_path('setup.py')
    return found['extras_require']


@pytest.mark.parametrize('name', DOCKERFILES)
class TestDockerfiles:
    def test_they_copy_what_setup_needs_and_what_is_there(self, root, name):
        copied = [words.split()[:-1] for kind, words in instructions(root / name) if kind == 'COPY']
        sources = {source for line in copied for source in line}
        assert all((root / source).exists() for source in sources)
        assert sources >= {'setup.py', 'pyproject.toml', 'MANIFEST.in', 'README.md'}
        assert sources >= {'configs', 'mmseg_bffr', 'bffr'}
        ignored = (root / '.dockerignore').read_text().splitlines()
        assert not sources & {*ignored}

    def test_they_install_known_extras(self, root, extras, name):
        (words,) = (words for kind, words in instructions(root / name) if kind == 'RUN')
        (named,) = re.findall(r"'[^']*\[(.*)]'", words)
        named = {*named.split(',')}
        assert named <= extras.keys()
        assert ('mmseg' in named) == (name == 'train.Dockerfile')
        requires = [line for extra in named for line in extras[extra]]
        assert any(line.startswith('torch>') for line in requires) == (name == 'train.Dockerfile')

    def test_they_are_bffr(self, root, name):
        known = dict(instructions(root / name))
        assert re.fullmatch(r'python:3\.1[0-3]-slim', known['FROM'])
        assert known['ENTRYPOINT'] == '["bffr"]'
        usage = re.sub(r'\\\n#', '', (root / name).read_text().partition('FROM')[0])
        (run,) = re.findall(r'docker run .*', usage)
        words = shlex.split(run)
        image = next(word for word in words if re.fullmatch('bffr(-train)?', word))
        command, config = words[words.index(image) + 1], words[-1]
        assert command in COMMANDS
        assert command != 'train' or (root / config).is_file()


@pytest.mark.slow
def test_the_image_fuses(root, tmp_path):
    docker = shutil.which('docker')
    if docker is None or subprocess.run([docker, 'info'], capture_output=True).returncode:
        pytest.skip('no Docker engine runs here')
    subprocess.run([docker, 'build', '--tag', 'bffr-test', root], check=True)
    for kind in ('visible', 'infrared'):
        shutil.copy(root / f'bffr/web/examples/day_{kind}.png', tmp_path)
    words = docker, 'run', '--rm', '--volume', f'{tmp_path}:/data', 'bffr-test', 'fuse'
    words += '--vis', 'day_visible.png', '--ir', 'day_infrared.png', '--out', 'fused.png'
    subprocess.run(words, check=True)
    assert (tmp_path / 'fused.png').is_file()


def test_a_tag_publishes_one_wheel_that_was_tried(root):
    workflow = load(root / '.github/workflows/publish.yml')
    assert workflow[True] == {'push': {'tags': ['v*']}}  # YAML takes `on` for a truth value
    jobs = workflow['jobs']
    steps = '\n'.join(step.get('run', '') for step in jobs['wheel']['steps'])
    assert steps.index('bffr.version') < steps.index('pip wheel') < steps.index('bffr fuse')
    assert jobs['pypi']['needs'] == 'wheel'
    assert jobs['pypi']['permissions'] == {'id-token': 'write'}
    assert not re.search('password|secrets', (root / '.github/workflows/publish.yml').read_text())


def test_the_citation_is_of_this_version(root):
    citation = load(root / 'CITATION.cff', file_format='yaml')
    assert str(citation['version']) == __version__
    assert citation['repository-code'] == f'https://github.com/{REPOSITORY}'
    assert {'cff-version', 'message', 'title', 'authors', 'date-released', 'license'} <= {*citation}
    heading = re.search(r'^## (\S+), ', (root / 'CHANGELOG.md').read_text(), re.MULTILINE)
    assert heading[1] == __version__
