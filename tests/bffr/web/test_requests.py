"""What the page's server answers, over HTTP."""

import json
import re
import struct
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pytest

import bffr
from bffr.evaluation import evaluate_images
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.image_io import read_image, read_infrared, read_visible, write_png
from bffr.images.results import colour_labels
from bffr.images.stretch import whole_range
from bffr.images.thermal import InfraredScale

pytestmark = pytest.mark.slow

OPTIONS = {
    'kind': 'automatic', 'low': 1, 'high': 99, 'rig': None,
    'name': 'content-s-2026-12', 'stretch': 'image', 'beside': 'visible',
}  # fmt: skip


@pytest.fixture(scope='module')
def client(server, tmp_path_factory):
    downloads = tmp_path_factory.mktemp('downloads')
    library = pytest.importorskip('gradio_client')
    return library.Client(server.url, download_files=downloads, verbose=False)


@pytest.fixture(scope='module')
def submit(client):
    """Ask for a fused pair; returns what will have its result."""
    given = pytest.importorskip('gradio_client').handle_file

    def submit(vis, ir, **options):
        options = OPTIONS | options
        files = [path and given(str(path)) for path in (vis, ir, options.pop('rig'))]
        kind, low, high = (options.pop(name) for name in ('kind', 'low', 'high'))
        return client.submit(
            *files[:2], kind, low, high, files[2], *options.values(), api_name='/fuse'
        )

    return submit


@pytest.fixture
def request_fusion(submit):
    """Fuse a pair: slider, text, overlay, files by stem, rows of metrics."""

    def request_fusion(*pair, **options):
        slider, said, overlay, files, metrics = submit(*pair, **options).result()
        return slider, said, overlay, {Path(file).stem: Path(file) for file in files}, metrics

    return request_fusion


def test_files_are_the_pixels_of_the_library(request_fusion, pairs, model):
    slider, said, overlay, files, _ = request_fusion(*pairs[1])
    labels = model.segment(*pairs[1])
    expected = {
        'fused': model.fuse(*pairs[1]),
        'visible': read_visible(pairs[1][0]),
        'infrared': read_infrared(pairs[1][1]),
        'labels': colour_labels(labels, model.palette),
    }
    assert files.keys() == expected.keys()
    for name, image in expected.items():
        np.testing.assert_array_equal(read_image(files[name]), image)
    for file, name in zip(slider, ('visible', 'fused'), strict=True):
        np.testing.assert_array_equal(read_image(file), expected[name])
    assert re.fullmatch(r'content-s-2026-12: 128 x 96 pixels in \d+\.\d\d s', said)


def test_overlay_names_and_colours_the_classes_that_occur(request_fusion, pairs, model):
    *_, overlay, _, _ = request_fusion(*pairs[1])
    labels = model.segment(*pairs[1])
    painted = [number for number in np.unique(labels) if any(model.palette[number])]
    shown = overlay['value']['annotations'] if 'value' in overlay else overlay['annotations']
    assert painted
    assert [mask['label'] for mask in shown] == [model.classes[n] for n in painted]
    for number, mask in zip(painted, shown, strict=True):
        mask = read_image(mask['image'])
        np.testing.assert_array_equal(mask[..., 3] > 0, labels == number)
        colour = model.palette[number]
        assert (mask[labels == number][:, :3] == colour[::-1]).all()


def test_a_rule_without_stretch(request_fusion, pairs):
    slider, _, _, files, metrics = request_fusion(
        *pairs[0], name='laplacian', stretch='none', beside='infrared'
    )
    visible, infrared = read_visible(pairs[0][0]), read_infrared(pairs[0][1])
    fused = bffr.load('laplacian').fuse(visible, infrared, stretch='none')
    assert files.keys() == {'fused', 'visible', 'infrared'}
    np.testing.assert_array_equal(read_image(files['fused']), fused)
    np.testing.assert_array_equal(read_image(slider[0]), infrared)
    lumas = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in (fused, visible))
    values = evaluate_images(*lumas, infrared)
    shown = {name: (float(value), better) for name, value, better in metrics['data']}
    assert {name: value for name, (value, _) in shown.items()} == pytest.approx(
        values, abs=5e-4, nan_ok=True
    )
    assert (shown['SSIM'][1], shown['MSE'][1]) == ('higher', 'lower')


@pytest.mark.parametrize(
    ('kind', 'scale'),
    [('raw values', {'range': (2000, 9000)}), ('percentiles', {'percentiles': (5, 60)})],
)
def test_range_of_raw_infrared(request_fusion, pairs, model, tmp_path, kind, scale):
    raw = 30 * read_image(pairs[0][1]).astype(np.uint16) + 1000
    cv2.imwrite(str(tmp_path / 'raw.png'), raw)
    ((low, high),) = scale.values()
    *_, files, _ = request_fusion(
        pairs[0][0], tmp_path / 'raw.png', kind=kind, low=low, high=high, stretch='none'
    )
    images, _ = fuse_pair(
        model, pairs[0][0], tmp_path / 'raw.png',
        FuseOptions(infrared=InfraredScale(**scale)), whole_range,
    )  # fmt: skip
    (fused,) = images()
    np.testing.assert_array_equal(read_image(files['fused']), fused)


def test_ten_requests_at_once(submit, pairs, model):
    jobs = [submit(*pair) for pair in pairs[:10]]
    for job, pair in zip(jobs, pairs, strict=False):
        np.testing.assert_array_equal(read_image(job.result()[3][0]), model.fuse(*pair))


def noise(path, height, width):
    write_png(path, np.random.default_rng(0).integers(0, 256, (height, width), np.uint8))
    return path


def test_mistakes_end_in_sentences(submit, pairs, tmp_path):
    """Those of the commands, without folders; the next request is served."""
    vis, ir = pairs[0]
    broken, cut = tmp_path / 'broken.png', tmp_path / 'cut.png'
    broken.write_bytes(b'no image')
    cut.write_bytes(ir.read_bytes()[:2000])
    rig = tmp_path / 'rig.json'
    rig.write_text('{}')
    large, small = noise(tmp_path / 'large.png', 400, 501), noise(tmp_path / 'small.png', 50, 40)
    damaged = 'is empty, damaged or not an image; replace the file.'
    for options, sentence in (
        ({'vis': broken}, f'broken.png: {damaged}'),
        ({'ir': cut}, f'cut.png: {damaged}'),
        (
            {'vis': large},
            'large.png: has more than 0.2 megapixels; shrink it, or start `bffr web` with',
        ),
        ({'ir': None}, 'Give a visible and an infrared image.'),
        ({'kind': 'raw values', 'low': None}, 'infrared: give low and high of the raw values.'),
        ({'kind': 'percentiles', 'low': 99}, 'infrared: percentiles: 99 must be less than 99.'),
        ({'rig': rig}, 'rig.json: is damaged or not from `bffr align`; make it again.'),
        ({'ir': small}, f'{vis.name}, small.png: the visible image has 128x96 pixels'),
    ):
        with pytest.raises(Exception, match='.') as error:
            submit(**({'vis': vis, 'ir': ir} | options)).result()
        assert str(error.value).startswith(sentence)
    assert len(submit(vis, ir).result()[3]) == 4


def tiff_of_two_minds(path, declared, stored):
    """A white TIFF whose sizes (W, H) are told twice: readers take the one or the other."""
    entries = [(256, declared[0]), (256, stored[0]), (257, declared[1]), (257, stored[1])]
    entries += [(258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, stored[1])]
    entries += [(279, stored[0] * stored[1])]
    tags = b''.join(struct.pack('<HHII', tag, 4, 1, value) for tag, value in entries)
    pixels = b'\xff' * (stored[0] * stored[1])
    head = struct.pack('<2sHI', b'II', 42, 8 + len(pixels))
    path.write_bytes(head + pixels + struct.pack('<H', len(entries)) + tags + bytes(4))
    return path


@pytest.mark.parametrize('sizes', [((50, 50), (700, 700)), ((700, 700), (50, 50))])
def test_what_is_decoded_is_limited_whatever_the_header_says(submit, pairs, tmp_path, sizes):
    image = tiff_of_two_minds(tmp_path / 'two.tif', *sizes)
    for pair in ((image, pairs[0][1]), (pairs[0][0], image)):
        with pytest.raises(Exception, match=r'two\.tif[:,] ') as error:
            submit(*pair).result()
        assert '700' not in str(error.value)  # which would say that it was decoded
    submit(*pairs[0]).result()


def test_other_sites_are_refused(server):
    config, own = f'{server.url}/config', server.url.partition('//')[2]
    assert status(Request(config)) == 200
    assert status(Request(config, headers={'Origin': server.url})) == 200
    assert status(Request(config, headers={'Origin': 'http://evil.example'})) == 403
    assert status(Request(config, headers={'Host': 'evil.example'})) == 403
    assert status(Request(config, headers={'Host': own.replace('127.0.0.1', 'localhost')})) == 200


def status(*request):
    try:
        return urlopen(*request).status
    except HTTPError as error:
        return error.code


def test_large_files_are_refused(server):
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    headers = {'Content-Type': 'multipart/form-data; boundary=x'}

    def upload(size):
        body = head + bytes(size) + b'\r\n--x--\r\n'
        return status(Request(f'{server.url}/gradio_api/upload', body, headers))

    assert [upload(size) for size in (2**20, 2**20 + 1)] == [200, 413]


def test_a_taken_port_is_refused(server, root):
    port = server.url.rpartition(':')[2]
    words = [sys.executable, '-m', 'bffr', 'web', '--device', 'cpu', '--port', port]
    run = subprocess.run(words, cwd=root, capture_output=True, text=True)
    place = f'--host 127.0.0.1 --port {port}'
    sentence = f'{place}: the page cannot be served there; choose another --host or --port.'
    assert (run.returncode, run.stderr) == (1, f'error: {sentence}\n')


def test_nothing_is_read_outside_of_the_temporary_folder(server, submit, pairs):
    submit(*pairs[0]).result()
    inside = next(server.temporary.glob('bffr-web-*/*/fused.png'))
    outside = server.folder / 'outside.png'
    outside.write_bytes(pairs[0][0].read_bytes())

    def fuse_by_path(path):
        vis, ir = (
            {'path': str(file), 'meta': {'_type': 'gradio.FileData'}}
            for file in (path, inside.with_name('infrared.png'))
        )
        options = [OPTIONS[name] for name in ('kind', 'low', 'high', 'rig', 'name', 'stretch')]
        body = json.dumps({'data': [vis, ir, *options, 'visible']}).encode()
        headers = {'Content-Type': 'application/json'}
        return status(Request(f'{server.url}/gradio_api/run/fuse', body, headers))

    assert [status(f'{server.url}/gradio_api/file={path}') for path in (inside, outside)] == [
        200,
        403,
    ]
    assert [fuse_by_path(path) for path in (inside, outside)] == [200, 500]
    outside.unlink()


def test_a_clicked_rig_is_written_and_taken(client, submit, pairs, tmp_path):
    given = pytest.importorskip('gradio_client').handle_file
    points = [[x + 5, y - 3, x, y] for x, y in ((10, 10), (100, 20), (50, 80), (90, 70))]
    points.append([1, 1, '', ''])
    table = {'headers': ['vis_x', 'vis_y', 'ir_x', 'ir_y'], 'data': points, 'metadata': None}
    file, said = client.predict(
        *(given(str(path)) for path in pairs[0]), table, 'similarity', api_name='/align'
    )
    rig = json.loads(Path(file).read_text())
    np.testing.assert_allclose(rig['matrix'], [[1, 0, 5], [0, 1, -3], [0, 0, 1]], atol=1e-6)
    assert said == 'points held back from the fit: half lie within 0.0 px, 95 % within 0.0 px'
    assert rig['overlap'] == [5, 0, 122, 92]
    fused, visible, infrared, _ = map(read_image, submit(*pairs[0], rig=file).result()[3])
    assert fused.shape == (92, 122, 3)
    np.testing.assert_array_equal(visible, read_image(pairs[0][0])[:92, 5:127])
    np.testing.assert_array_equal(infrared, read_image(pairs[0][1])[3:95, :122])


@pytest.mark.parametrize('cell', ['left', 'nan', 'inf', '1e999'])
def test_text_in_the_table_of_points_is_told(client, pairs, cell):
    given = pytest.importorskip('gradio_client').handle_file
    vis, ir = (given(str(path)) for path in pairs[0])
    table = {'headers': ['vis_x', 'vis_y', 'ir_x', 'ir_y'], 'metadata': None}
    table['data'] = [[1, 2, 3, 4], [cell, 2, 3, 4]]
    for words in (
        dict(vis=vis, ir=ir, points=table, model='similarity', api_name='/align'),
        dict(vis=vis, ir=ir, kind='automatic', low=1, high=99, points=table, api_name='/show'),
    ):
        name = words.pop('api_name')
        with pytest.raises(Exception, match=f'Points, row 2: {cell} is not a number; correct it'):
            client.predict(*words.values(), api_name=name)
