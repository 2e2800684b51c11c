"""Archives in folders and tar shards: what a worker makes of them."""

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import bffr
from bffr import InputError
from bffr.commands import fuse_archive as command
from bffr.commands.run import run_command
from bffr.fusing.fuse_archive import ArchiveFuser, folder_sources, shard_sources
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, write_png
from bffr.images.results import colour_labels
from bffr.images.stretch import own_range, to_8_bit
from bffr.images.thermal import InfraredScale
from tests.fake_models import drawn_pair, mean_and_bright, mean_model


def png(image):
    return cv2.imencode('.png', image)[1].tobytes()


def pair(index):
    return drawn_pair(index % 9)


def expected(index):
    unclamped, _ = mean_and_bright(*pair(index))
    return to_8_bit(unclamped, *own_range(unclamped))


def write_folders(place, indices):
    for index in indices:
        for name, image in zip(('vis', 'ir'), pair(index), strict=True):
            write_png(place / f'{name}/{index:03}.png', image)


def write_shard(path, files):
    with tarfile.open(path, 'w') as shard:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            shard.addfile(member, io.BytesIO(content))


def members(indices, key='{:03}'):
    return {
        f'{key.format(index)}.{name}.png': png(image)
        for index in indices
        for name, image in zip(('vis', 'ir'), pair(index), strict=True)
    }


def fuse(sources, out, seg=False):
    """What fails of sources."""
    fuser = ArchiveFuser(mean_model, str(out), FuseOptions(seg=seg))
    return [row['failed'] for source in sources for row in fuser(source)]


def found(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob('*.png'))


class TestFolders:
    @pytest.fixture
    def folders(self, tmp_path):
        write_folders(tmp_path, range(3))
        return str(tmp_path / 'vis'), str(tmp_path / 'ir')

    def test_pairs_and_labels(self, folders, tmp_path):
        out = tmp_path / 'new/out'
        assert fuse(folder_sources(*folders, str(out)), out, seg=True) == []
        assert found(out) == [f'{i:03}{end}.png' for i in range(3) for end in ('', '_labels')]
        for index in range(3):
            np.testing.assert_array_equal(read_image(out / f'{index:03}.png'), expected(index))
            labels = colour_labels(mean_and_bright(*pair(index))[1], mean_model().palette)
            np.testing.assert_array_equal(read_image(out / f'{index:03}_labels.png'), labels)
        assert not [path for path in out.rglob('*') if '.partial' in path.name]

    def test_what_fails_is_told_and_passed_by(self, folders, tmp_path):
        Path(folders[1], '000.png').write_bytes(b'hello')
        sources = folder_sources(*folders, str(tmp_path / 'out'))
        Path(folders[0], '001.png').unlink()
        failed = fuse(sources, tmp_path / 'out')
        assert failed[0] == '000: ir: is empty, damaged or not an image; replace the file.'
        assert failed[1].startswith('001: FileNotFoundError: ')
        assert found(tmp_path / 'out') == ['002.png']

    def test_what_is_there_is_not_even_read(self, folders, tmp_path):
        sources = folder_sources(*folders, str(tmp_path / 'out'))
        assert fuse(sources, tmp_path / 'out') == []
        for path in Path(folders[0]).iterdir():
            path.unlink()
        assert fuse(sources, tmp_path / 'out') == []
        assert len(fuse(sources, tmp_path / 'out', seg=True)) == 3

    def test_results_are_whole_or_not_there(self, folders, tmp_path, monkeypatch):
        monkeypatch.setattr('fsspec.implementations.local.LocalFileSystem.mv', None)
        assert len(fuse(folder_sources(*folders, 'out'), tmp_path / 'out')) == 3
        assert [name for name in found(tmp_path) if name.startswith('out/')] == []

    def test_other_file_systems(self, tmp_path):
        memory = pytest.importorskip('fsspec').filesystem('memory')
        for name, image in zip(('vis', 'ir'), pair(1), strict=True):
            memory.pipe_file(f'/archive/{name}/a.png', png(image))
        url = 'memory://archive/'
        sources = folder_sources(f'{url}vis', f'{url}ir', f'{url}out')
        assert fuse(sources, f'{url}out') == []
        fused = cv2.imdecode(np.frombuffer(memory.cat_file('/archive/out/a.png'), np.uint8), -1)
        np.testing.assert_array_equal(fused, expected(1))
        assert [entry['name'] for entry in memory.ls('/archive/out')] == ['/archive/out/a.png']

    def test_refused(self, folders, tmp_path):
        for out in folders:
            with pytest.raises(InputError, match='holds input images; choose another folder'):
                folder_sources(*folders, out + '/')
        with pytest.raises(InputError, match='vis: is given as visible and as infrared'):
            folder_sources(folders[0], folders[0], 'out')
        with pytest.raises(InputError, match='none: is not a folder of images'):
            folder_sources(folders[0], str(tmp_path / 'none'), 'out')
        Path(folders[0], '001.png').unlink()
        with pytest.raises(InputError, match=r'vis: has no image for 1 name\(s\): 001'):
            folder_sources(*folders, 'out')

    def test_results_never_replace_what_is_read(self, folders, tmp_path):
        vis, ir = folders
        (tmp_path / 'link').symlink_to(vis)
        for out in (f'{vis}/../ir', tmp_path / 'link', f'{tmp_path}//vis'):
            with pytest.raises(InputError, match='holds input images'):
                folder_sources(vis, ir, str(out))
        with pytest.raises(InputError, match='is given as visible and as infrared'):
            folder_sources(vis, str(tmp_path / 'link'), 'out')


class TestShards:
    def test_keys_with_dots(self, tmp_path):
        path = tmp_path / 'shard.tar'
        write_shard(path, members([1], '2026-01-0{}T10.00.00'))
        assert fuse(shard_sources([str(path)]), tmp_path / 'out') == []
        assert (tmp_path / 'out/shard/2026-01-01T10.00.00.png').is_file()

    def test_pairs_among_other_files(self, tmp_path):
        day = members([0], './a/{}') | {'./a/0.json': b'{}'} | members([1], 'b.c/{}')
        write_shard(tmp_path / 'day.tar', {'README': b'', **dict(sorted(day.items()))})
        write_shard(tmp_path / 'night.tar', members([2], '{}') | members([3], '../../{}'))
        sources = shard_sources([str(tmp_path / f'{name}.tar') for name in ('day', 'night')])
        assert fuse(sources, tmp_path / 'out/in') == []
        names = {'day/a/0.png': 0, 'day/b.c/1.png': 1, 'night/2.png': 2}
        assert found(tmp_path) == sorted(f'out/in/{name}' for name in names)
        for name, index in names.items():
            np.testing.assert_array_equal(read_image(tmp_path / 'out/in' / name), expected(index))

    def test_what_is_there_is_not_even_read(self, tmp_path):
        files = members(range(3))
        write_shard(tmp_path / 'a.tar', files)
        sources = shard_sources([str(tmp_path / 'a.tar')])
        assert fuse(sources, tmp_path / 'out') == []
        (tmp_path / 'out/a/001.png').unlink()
        files['000.vis.png'] = b'no image'
        write_shard(tmp_path / 'a.tar', files)
        before = (tmp_path / 'out/a/000.png').stat().st_mtime_ns
        assert fuse(sources, tmp_path / 'out') == []
        assert len(found(tmp_path / 'out')) == 3
        assert (tmp_path / 'out/a/000.png').stat().st_mtime_ns == before

    def test_what_fails_is_told_and_passed_by(self, tmp_path):
        files = members(range(4))
        files['001.vis.png'] = b'no image'
        del files['002.ir.png']
        path = tmp_path / 'a.tar'
        write_shard(path, files)
        failed = fuse(shard_sources([str(path), str(tmp_path / 'none.tar')]), tmp_path / 'out')
        assert failed[0] == 'a/001: vis: is empty, damaged or not an image; replace the file.'
        assert failed[1] == 'a/002: has only one of .vis. and .ir.; add the other.'
        assert failed[2].startswith(f'{tmp_path}/none.tar: FileNotFoundError')
        assert found(tmp_path / 'out') == ['a/000.png', 'a/003.png']

    @pytest.mark.parametrize('keys', [('a', 'a_labels'), ('a_labels', 'a')])
    def test_label_maps_and_fused_images_never_meet(self, tmp_path, keys):
        files = {}
        for index, key in enumerate(keys):
            files |= members([index], key)
        write_shard(tmp_path / 's.tar', files)
        sources = shard_sources([str(tmp_path / 's.tar')])
        first, second = keys
        said = f's/{second}: has results that are named as those of s/{first}; rename the pair.'
        for _ in range(2):
            assert fuse(sources, tmp_path / 'out', seg=True) == [said]
            assert found(tmp_path / 'out') == [f's/{first}.png', f's/{first}_labels.png']
        np.testing.assert_array_equal(read_image(tmp_path / f'out/s/{first}.png'), expected(0))
        assert fuse(sources, tmp_path / 'plain') == []
        assert found(tmp_path / 'plain') == ['s/a.png', 's/a_labels.png']

    @pytest.mark.parametrize('kept', ['half a file', 'half a header', 'no end'])
    def test_damage_is_not_taken_for_the_end(self, tmp_path, kept):
        path = tmp_path / 'a.tar'
        write_shard(path, members(range(3)))
        with tarfile.open(path) as shard:
            last = shard.getmembers()[-1]
        size = {'half a file': last.offset_data + 9, 'half a header': last.offset + 256}
        content = path.read_bytes()[: size.get(kept, last.offset)]
        path.write_bytes(content)
        (*_, message) = fuse(shard_sources([str(path)]), tmp_path / 'out')
        assert message.startswith(f'{path}: ')
        assert found(tmp_path / 'out')[:2] == ['a/000.png', 'a/001.png']

    def test_no_pairs(self, tmp_path):
        write_shard(tmp_path / 'a.tar', {'0.png': b'', '0.txt': b''})
        (message,) = fuse(shard_sources([str(tmp_path / 'a.tar')]), tmp_path / 'out')
        assert message.endswith('a.tar: holds no KEY.vis.SUFFIX beside KEY.ir.SUFFIX.')

    def test_results_of_two_shards_never_meet(self):
        with pytest.raises(InputError, match=r'x/a\.tar, y/a\.tar: some have the same stem'):
            shard_sources(['x/a.tar', 'y/a.tar'])


@pytest.mark.parametrize(
    'words',
    ['--vis a', '--vis a --ir b --shards c', '', '--shards a --config b', '--shards'],
)
def test_usage(words, monkeypatch, capsys):
    with pytest.raises(SystemExit) as end:
        run_command(command, [*words.split(), '--out', 'out'])
    assert end.value.code == 2
    assert 'error: ' in capsys.readouterr().err


def test_command_hands_over_what_it_is_told(tmp_path, monkeypatch):
    given = {}

    def fuse_here(load_model, sources, out, options, **cluster):
        given.update(options=options, **cluster)
        fuser = ArchiveFuser(load_model, out, options)
        assert [fuser(source) for source in sources] == [[]]

    monkeypatch.setattr('bffr.fusing.fuse_archive.fuse_archive', fuse_here)
    monkeypatch.setattr('bffr.errors.find_spec', lambda name: name)
    write_folders(tmp_path, [1])
    words = [f'--vis={tmp_path}/vis', f'--ir={tmp_path}/ir', f'--out={tmp_path}/out']
    more = ['--model=max', '--stretch=none', '--ir-black-hot', '--workers=3', '--gpus=0.5']
    run_command(command, [*words, *more])
    visible, infrared = pair(1)
    fused = bffr.load('max').fuse(visible, 255 - infrared, stretch='none')
    np.testing.assert_array_equal(read_image(tmp_path / 'out/001.png'), fused)
    options = FuseOptions(stretch='none', infrared=InfraredScale(black_hot=True))
    assert given == dict(options=options, workers=3, cpus=1, gpus=0.5)


def test_ray_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr('bffr.errors.find_spec', lambda name: None)
    with pytest.raises(SystemExit) as end:
        run_command(command, ['--shards', 'a.tar', '--out', 'out', '--model', 'max'])
    assert end.value.code == 1
    assert "pip install 'bffr[ray]'" in capsys.readouterr().err
