"""Every row of docs/bad_input.md: it works as said there, or raises the one sentence."""

import errno
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image, ImageOps

from bffr.commands.run import run
from bffr.errors import InputError
from bffr.images.image_io import read_image, read_infrared, read_labels, read_visible
from mmseg_bffr.apis import check_data, fuse, fuse_files, init_model, train
from mmseg_bffr.apis.config import load_config, refuse_input_folder
from mmseg_bffr.apis.configure_run import configure_run
from mmseg_bffr.apis.zoo import zoo_model
from mmseg_bffr.checkpoints import load_from_file
from mmseg_bffr.datasets import FusionDataset, MFNetDataset

NAME = '00000D'
STEPS = [
    dict(type='LoadPair'),
    dict(type='LoadLabels'),
    dict(type='RandomCrop', crop_size=(64, 96)),
    dict(type='PackSegInputs'),
]


@pytest.fixture(scope='module')
def models(tiny_configs):
    torch.manual_seed(0)
    return [init_model(config) for config in tiny_configs]


@pytest.fixture
def at(synthetic, tiny_configs, models, tmp_path):
    """The first pair of a copy of the drawn data, to be spoilt, and ways to use it."""
    data = shutil.copytree(synthetic, tmp_path / 'data')
    at = SimpleNamespace(data=data, tmp=tmp_path, configs=tiny_configs, models=models)
    for folder in ('vis', 'ir', 'labels'):
        setattr(at, folder, data / folder / f'{NAME}.png')
    (data / 'one.txt').write_text(f'{NAME}\n')
    at.sample = lambda split='one.txt': MFNetDataset(str(data), split, pipeline=STEPS)[0]
    at.fuse = lambda: fuse(models[0], at.vis, at.ir)
    return at


def picture(size=(48, 64), channels=3, dtype=np.uint8):
    shape = size if channels == 1 else (*size, channels)
    image = np.random.default_rng(0).integers(0, 256, shape)
    return (image * 257).astype(dtype) if dtype == np.uint16 else image.astype(dtype)


def missing_counterpart(at, folder):
    for name in (NAME, '00001N'):
        (at.data / folder / f'{name}.png').unlink()
    FusionDataset(data_root=str(at.data))


def two_of_a_stem(at):
    shutil.copy(at.vis, at.vis.with_suffix('.jpg'))
    FusionDataset(data_root=str(at.data))


def content(at, folder, change):
    path = getattr(at, folder)
    path.write_bytes(change(path.read_bytes()))
    at.sample()


def truncated_jpeg(at):
    Image.fromarray(picture()).save(at.tmp / 'a.jpg')
    (at.tmp / 'a.jpg').write_bytes((at.tmp / 'a.jpg').read_bytes()[:-500])
    read_image(at.tmp / 'a.jpg')


def folder_like_an_image(at):
    at.ir.unlink()
    at.ir.mkdir()
    at.sample()


def written(at, folder, image):
    cv2.imwrite(str(getattr(at, folder)), image)
    at.sample()


def float_labels(at):
    cv2.imwrite(str(at.tmp / 'a.tif'), picture(channels=1, dtype=np.float32))
    read_labels(at.tmp / 'a.tif')


def palette_labels(at):
    stored = read_labels(at.labels)
    image = Image.fromarray(stored).convert('P')
    image.putpalette(range(30))
    image.putdata(stored.ravel())
    image.save(at.labels)
    assert Image.open(at.labels).mode == 'P'
    np.testing.assert_array_equal(read_labels(at.labels), stored)
    at.sample()


def visible(at, stored, expected):
    cv2.imwrite(str(at.vis), stored)
    np.testing.assert_array_equal(read_visible(at.vis), expected)
    at.fuse()


def grey_with_alpha(at):
    image = Image.fromarray(picture()).convert('LA')
    image.save(at.vis)
    np.testing.assert_array_equal(read_visible(at.vis)[..., 0], np.array(image)[..., 0])


def float_image(at, folder):
    path = getattr(at, folder).with_suffix('.tif')
    cv2.imwrite(str(path), picture(channels=1, dtype=np.float32) / 99)
    image = {'vis': read_visible, 'ir': read_infrared}[folder](path)
    assert (image.min(), image.max()) == (0, 255)


def infrared_of_16_bit(at):
    cv2.imwrite(str(at.ir), picture(channels=1, dtype=np.uint16) // 4)
    assert read_infrared(at.ir).max() == 255
    at.fuse()


def infrared_with_nan(at):
    image = picture(channels=1, dtype=np.float32)
    image[0] = np.nan
    cv2.imwrite(str(at.tmp / 'a.tif'), image)
    read_infrared(at.tmp / 'a.tif')


def in_colour_mode(at, mode, name):
    image = Image.fromarray(picture(channels=3)).convert(mode)
    image.save(at.tmp / name)
    found = read_visible(at.tmp / name).astype(int)
    expected = np.array(Image.open(at.tmp / name).convert('RGB'))[..., ::-1]
    assert np.abs(found - expected).mean() < 2


def turned_jpeg(at):
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(picture()).save(at.tmp / 'a.jpg', exif=exif)
        upright = read_visible(at.tmp / 'a.jpg')
        turned = ImageOps.exif_transpose(Image.open(at.tmp / 'a.jpg'))
        expected = np.array(turned)[..., ::-1]
        assert upright.shape == expected.shape
        assert np.abs(upright.astype(int) - expected).mean() < 2


def small(at, size):
    for folder in ('vis', 'ir', 'labels'):
        path = getattr(at, folder)
        channels = 3 if folder == 'vis' else 1
        cv2.imwrite(str(path), picture(size, channels) // (1 if folder != 'labels' else 255))
    sample = at.sample()
    data = at.models[1].data_preprocessor(
        {key: [value] for key, value in sample.items()}, training=True
    )
    assert torch.isfinite(at.models[1](**data, mode='loss')['decode.loss_ce'])
    at.fuse()


def odd_paths(at):
    folder = at.tmp / 'Bilder – für alle 红外'
    shutil.move(at.data, folder / 'a b')
    (at.tmp / 'link').symlink_to(folder / 'a b')
    (at.tmp / 'link/vis/x y ü.png').symlink_to(folder / f'a b/vis/{NAME}.png')
    for name in ('ir', 'labels'):
        shutil.copy(folder / f'a b/{name}/{NAME}.png', folder / f'a b/{name}/x y ü.png')
    (at.tmp / 'link/odd.txt').write_text('x y ü\n', encoding='utf-8')
    sample = MFNetDataset(str(at.tmp / 'link'), 'odd.txt', pipeline=STEPS)[0]
    assert sample['data_samples'].img_path.endswith('x y ü.png')
    fuse_files(
        at.models[0], at.tmp / 'link/vis/x y ü.png', folder / 'a b/ir/x y ü.png', folder / 'ü.png'
    )
    assert read_image(folder / 'ü.png').shape == (48, 64, 3)


def split(at, text):
    (at.data / 'one.txt').write_bytes(text)
    return at.sample()


def windows_split(at):
    sample = split(at, f'\ufeff\r\n  {NAME} \r\n\r\n'.encode())
    assert sample['data_samples'].img_path == str(at.vis)


def absent_names_stop_training(at):
    (at.data / 'val.txt').write_text('a\nb\n')
    roots = [f'{part}_dataloader.dataset.data_root={at.data}' for part in ('train', 'val')]
    train(at.configs[0], warm_start=True, work_dir=str(at.tmp / 'work'), cfg_options=roots)


def output(at, folder):
    fuse_files(at.models[0], at.vis, at.ir, folder / 'a.png')


def work_dir(at, folder):
    train(at.configs[0], warm_start=True, work_dir=str(folder))


def output_among_inputs(at, linked=False):
    folder = at.data / 'ir'
    if linked:
        (at.tmp / 'link').symlink_to(folder)
        folder = at.tmp / 'link'
    cfg = Config.fromfile(at.configs[0])
    cfg.test_dataloader.dataset.data_root = str(at.data)
    refuse_input_folder(cfg, folder)


def other_class_count(at):
    torch.save({'state_dict': at.models[1].state_dict()}, at.tmp / 'joint.pth')
    cfg = load_config(at.configs[1], ['model.decode_head.num_classes=5'])
    init_model(cfg, at.tmp / 'joint.pth')


def other_network(at):
    torch.save({'state_dict': at.models[0].state_dict()}, at.tmp / 'fuser.pth')
    init_model(at.configs[1], at.tmp / 'fuser.pth')


def code_in_a_checkpoint(at):
    class Foreign:
        def __reduce__(self):
            return os.mkdir, (str(at.tmp / 'code was run'),)

    torch.save({'state_dict': {'w': torch.ones(1)}, 'meta': Foreign()}, at.tmp / 'a.pth')
    try:
        load_from_file(at.tmp / 'a.pth')
    finally:
        assert not (at.tmp / 'code was run').exists()


def weights_to_resume(at):
    torch.save({'state_dict': at.models[0].state_dict()}, at.tmp / 'a.pth')
    train(at.configs[0], warm_start=True, work_dir=str(at.tmp), resume_from=str(at.tmp / 'a.pth'))


def option(at, word):
    load_config(at.configs[0], [word])


def cuda(at):
    if torch.cuda.is_available():
        pytest.skip('has a GPU')
    work_dir = str(at.tmp / 'work')
    configure_run(at.configs[0], 'a.pth', work_dir=work_dir, gpu_id=3)  # only says so
    configure_run(at.configs[0], 'a.pth', work_dir=work_dir, device='cuda:0')


HALF = lambda content: content[: len(content) // 2]  # noqa: E731
COLOUR = picture()

CASES = {
    # what: (function, its arguments, sentence or None)
    'no infrared': (missing_counterpart, ['ir'], r'ir: has no image for 2 .*: 00000D, 00001N$'),
    'no visible': (missing_counterpart, ['vis'], r'vis: has no image for 2 .*: 00000D, 00001N$'),
    'one stem twice': (two_of_a_stem, [], r'00000D\.(png|jpg): has the same stem'),
    'sizes': (written, ['ir', picture((40, 64), 1)], '64x48 pixels, the infrared image 64x40'),
    'truncated visible': (content, ['vis', HALF], r'vis/00000D\.png: is empty, damaged'),
    'truncated labels': (content, ['labels', HALF], r'labels/00000D\.png: is empty, damaged'),
    'truncated JPEG': (truncated_jpeg, [], r'a\.jpg: is empty, damaged'),
    'zero bytes': (content, ['ir', lambda _: b''], r'ir/00000D\.png: is empty, damaged'),
    'not an image': (content, ['ir', lambda _: b'hello'], r'ir/00000D\.png: is empty, damaged'),
    'folder like an image': (folder_like_an_image, [], r'00000D\.png: cannot be read \(Is a dir'),
    'label values': (
        written,
        ['labels', np.full((48, 64), 9, np.uint8)],
        r'labels/00000D\.png: has label\(s\) 9;',
    ),
    '16-bit label values': (
        written,
        ['labels', np.full((48, 64), 300, np.uint16)],
        r'labels/00000D\.png: has label\(s\) 300;',
    ),
    'label size': (
        written,
        ['labels', np.zeros((24, 32), np.uint8)],
        r'labels/00000D\.png: has 32x24 pixels, its image 64x48',
    ),
    'coloured labels': (written, ['labels', COLOUR], 'has 3 channels; a label map has one'),
    'fractions as labels': (float_labels, [], r'a\.tif: holds float32; a label map holds int'),
    'palette labels': (palette_labels, [], None),
    'visible, 1 channel': (visible, [COLOUR[..., 0], np.dstack([COLOUR[..., 0]] * 3)], None),
    'visible, 4 channels': (visible, [np.dstack([COLOUR, COLOUR[..., 0]]), COLOUR], None),
    'visible, 16 bit': (visible, [picture(dtype=np.uint16), COLOUR], None),
    'visible, grey with alpha': (grey_with_alpha, [], None),
    'visible, float': (float_image, ['vis'], r'00000D\.tif: visible images hold 8- or 16-bit'),
    'infrared, 3 channels': (written, ['ir', COLOUR], None),
    'infrared, 4 channels': (written, ['ir', picture(channels=4)], None),
    'infrared, 16 bit': (infrared_of_16_bit, [], None),
    'infrared, float': (float_image, ['ir'], None),
    'infrared, NaN': (infrared_with_nan, [], r'a\.tif: holds NaN or infinite values'),
    'CMYK JPEG': (in_colour_mode, ['CMYK', 'a.jpg'], None),
    'palette PNG': (in_colour_mode, ['P', 'a.png'], None),
    'EXIF': (turned_jpeg, [], None),
    'below 16 pixels': (small, [(12, 64)], 'at least 16x16 pixels, not 12x64'),
    'below the crop': (small, [(20, 31)], None),
    'odd paths and links': (odd_paths, [], None),
    'Windows split': (windows_split, [], None),
    'empty split': (split, [b'\r\n \n'], r'one\.txt: names no image'),
    'split is not text': (split, [b'\xff\xfe\x00'], r'one\.txt: is not a text file'),
    'split is missing': (lambda at: at.sample('no.txt'), [], r'no\.txt: cannot be read'),
    'absent names': (
        absent_names_stop_training,
        [],
        r'vis: has .* 2 name\(s\): a, b; .*ir: has .* 2 .*: a, b; .*labels: has .* 2 .*: a, b',
    ),
    'read-only output': (lambda at: output(at, Path('/proc/no')), [], '/proc/no'),
    'output below a file': (lambda at: output(at, at.vis), [], 'cannot be written'),
    'read-only work dir': (lambda at: work_dir(at, '/proc/no'), [], '/proc/no: cannot be written'),
    'work dir is a file': (lambda at: work_dir(at, at.vis), [], 'choose another --work-dir'),
    'output among inputs': (output_among_inputs, [], 'ir: holds input; choose another'),
    'linked output among inputs': (output_among_inputs, [True], 'link: holds input; choose'),
    'output is an input': (
        lambda at: fuse_files(at.models[0], at.vis, at.ir, at.ir),
        [],
        r'ir/00000D\.png: is an input image',
    ),
    'one file twice': (
        lambda at: fuse_files(at.models[0], at.vis, at.vis, at.tmp / 'out.png'),
        [],
        r'00000D\.png: is given as visible and as infrared',
    ),
    'config that only fuses': (
        lambda at: configure_run(*zoo_model()),
        [],
        r'config\.py: has no test_cfg',
    ),
    'other network': (other_network, [], r'fuser\.pth: does not fit FuserSegmenter'),
    'other class count': (
        other_class_count,
        [],
        r'conv_seg\.weight \(9, 16, 1, 1\) instead of \(5, 16, 1, 1\)',
    ),
    'code in a checkpoint': (code_in_a_checkpoint, [], r'a\.pth: refused'),
    'weights to resume': (weights_to_resume, [], r'a\.pth: .* use --load-from'),
    'unknown section': (
        option,
        ['trian_cfg.max_iters=3'],
        'trian_cfg.max_iters: the config has no trian_cfg; did you mean train_cfg',
    ),
    'unknown nested section': (
        option,
        ['train_dataloader.datset.data_root=x'],
        'no datset; did you mean dataset',
    ),
    'unknown key': (option, ['wrok_dir=x'], 'no wrok_dir; did you mean work_dir'),
    'list of dictionaries': (
        option,
        ["train_dataloader.dataset.pipeline=[dict(type='LoadPair', keep=True)]"],
        'pipeline=.* holds a dictionary; give its keys one by one',
    ),
    'no CUDA': (cuda, [], '--device cuda:0: there is no CUDA device'),
}


@pytest.mark.parametrize('case', CASES)
def test_bad_input(at, case):
    function, arguments, sentence = CASES[case]
    before = {path: path.stat().st_mtime_ns for path in at.data.rglob('*.png')}
    if sentence is None:
        function(at, *arguments)
        return
    with pytest.raises(InputError, match=sentence) as error:
        function(at, *arguments)
    assert '\n' not in str(error.value)
    if 'output' in case:  # sources are never overwritten
        assert before == {path: path.stat().st_mtime_ns for path in at.data.rglob('*.png')}


def test_check_dataset(at, capsys):
    roots = [f'{part}_dataloader.dataset.data_root={at.data}' for part in ('train', 'val', 'test')]
    found = check_data(at.configs[0], cfg_options=roots, workers=2)
    assert [findings.pairs for findings in found.values()] == [8, 2, 2]
    assert found['train'].pixels.total() == 8 * 48 * 64
    assert '64x48: 8' in capsys.readouterr().out

    at.ir.write_bytes(b'')
    cv2.imwrite(str(at.data / 'labels/00001N.png'), np.full((48, 64), 77, np.uint8))
    (at.data / 'val.txt').write_text('a\n')
    with pytest.raises(InputError, match='its data has 3 problem'):
        check_data(at.configs[0], cfg_options=roots, workers=1)
    said = capsys.readouterr().out
    for part in ('ir/00000D.png: is empty', 'labels/00001N.png: has label(s) 77', 'name(s): a'):
        assert part in said


@pytest.mark.parametrize(
    ('error', 'sentence'),
    [
        (TypeError("X.__init__() got an unexpected keyword argument 'stried'"), 'stried'),
        (OSError(errno.ENOSPC, 'No space left on device', 'a.json'), 'a.json: cannot be written'),
        (InputError('a.png: is empty.'), 'a.png: is empty.'),
        (
            torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has'),
            'memory ran out, asked for 20.00 MiB; take',
        ),
    ],
)
def test_command_lines_end_with_a_sentence(monkeypatch, capsys, error, sentence):
    def main():
        raise error

    monkeypatch.setattr(sys, 'argv', ['tool', '--cfg-options', 'model.test_cfg.stried=3'])
    with pytest.raises(SystemExit) as end:
        run(main)
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith('error: ')
    assert sentence in said


def test_memory_runs_out(capsys):
    with pytest.raises(SystemExit):
        run(lambda: torch.empty(10**15))
    assert capsys.readouterr().err.startswith('error: memory ran out, asked for 4000000000000000 b')


def test_mistakes_of_the_program_keep_their_traceback():
    def main():
        raise TypeError("f() got an unexpected keyword argument 'other'")

    with pytest.raises(TypeError):
        run(main)
