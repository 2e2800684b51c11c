"""The static page of docs/browser in chromium: the pixels of `bffr fuse`, and nothing is sent."""

import functools
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

import bffr
from bffr.images.image_io import read_image

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def site(root, tmp_path_factory):
    """The address of the page, as any web server gives it out."""
    if shutil.which('npm') is None:
        pytest.skip('npm is not installed')
    if subprocess.run(['npm', 'view', 'onnxruntime-web', 'version']).returncode:
        pytest.skip('npm does not reach a registry')
    folder = tmp_path_factory.mktemp('site')
    subprocess.run([sys.executable, root / 'docs/browser/build.py', folder], check=True)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=folder)
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/'
        server.shutdown()


@pytest.fixture(scope='module')
def browser():
    library = pytest.importorskip('playwright.sync_api')
    chromium = shutil.which('chromium')
    if chromium is None:
        pytest.skip('chromium is not installed')
    with library.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        yield browser
        browser.close()


@pytest.fixture
def page(site, browser):
    page = browser.new_page()
    asked, wrong = [], []
    page.context.on('request', lambda request: asked.append(request))  # a worker's, too
    page.on('pageerror', lambda error: wrong.append(str(error)))
    page.set_default_timeout(60_000)
    page.goto(site)
    yield page
    assert all(request.url.startswith((site, 'data:', 'blob:')) for request in asked)
    assert {request.method for request in asked} == {'GET'}  # nothing leaves the machine
    assert wrong == []
    page.close()


@pytest.fixture
def pair(synthetic):
    return synthetic / 'vis/00000D.png', synthetic / 'ir/00000D.png'


def give(page, visible, infrared):
    page.locator('#visible').set_input_files(visible)
    page.get_by_text('Now give the infrared image.').wait_for()
    page.locator('#infrared').set_input_files(infrared)


def fused(page, folder):
    """What the page gives to download."""
    link = page.get_by_role('link', name='Download the fused image')
    link.wait_for()
    with page.expect_download() as started:
        link.click()
    started.value.save_as(folder / 'fused.png')
    return read_image(folder / 'fused.png').astype(int)


def test_the_example(page, root, tmp_path):
    page.get_by_role('button', name='Show an example').click()
    files = (root / f'bffr/web/examples/night_{kind}.png' for kind in ('visible', 'infrared'))
    difference = fused(page, tmp_path) - bffr.load('content-xt').fuse(*files)
    assert np.abs(difference).max() <= 1


def test_files(page, pair, tmp_path):
    give(page, *pair)
    assert np.abs(fused(page, tmp_path) - bffr.load('content-xt').fuse(*pair)).max() <= 1
    assert page.get_by_label('Raw value that becomes black').is_hidden()


def test_coloured_infrared_and_one_channel(page, pair, tmp_path):
    """Both are read as `bffr` reads them: luma of colours, and grey thrice."""
    grey, coloured = tmp_path / 'grey.png', tmp_path / 'coloured.png'
    cv2.imwrite(str(grey), cv2.imread(str(pair[1]), cv2.IMREAD_GRAYSCALE))
    cv2.imwrite(str(coloured), cv2.imread(str(pair[0])))
    give(page, grey, coloured)
    assert np.abs(fused(page, tmp_path) - bffr.load('content-xt').fuse(grey, coloured)).max() <= 1


def test_raw_16_bit(page, pair, tmp_path):
    """The range is found as by `bffr`, hot pixels and all, and may be given instead."""
    visible, file = tmp_path / 'visible.png', tmp_path / 'raw.png'
    large = [
        cv2.resize(cv2.imread(str(path)), (512, 384)) for path in pair
    ]  # percentiles are thinned
    values = large[1][..., 0].astype(np.uint16) * 13 + 7000
    values[40, 50], values[0, 0] = 60_000, 0
    cv2.imwrite(str(visible), large[0])
    cv2.imwrite(str(file), values)
    model = bffr.load('content-xt')
    give(page, visible, file)
    assert np.abs(fused(page, tmp_path) - model.fuse(visible, file)).max() <= 1
    page.get_by_label('Raw value that becomes black').fill('7500')
    page.get_by_label('Raw value that becomes white').fill('9000')
    page.keyboard.press('Tab')
    page.get_by_text('pixels in').wait_for()
    scale = bffr.InfraredScale(range=(7500, 9000))
    wanted = model.fuse(visible, file, infrared=scale)
    assert np.abs(fused(page, tmp_path) - wanted).max() <= 1
    assert np.abs(wanted.astype(int) - model.fuse(visible, file)).max() > 20
    page.get_by_label('Raw value that becomes white').fill('1')
    page.keyboard.press('Tab')
    page.get_by_text('must be less than the second').wait_for()
    assert page.get_by_role('link', name='Download the fused image').is_hidden()


def test_mistakes(page, pair, tmp_path):
    small, broken = tmp_path / 'small.png', tmp_path / 'broken.png'
    cv2.imwrite(str(small), np.zeros((60, 80), np.uint8))
    broken.write_bytes(b'no image')
    give(page, pair[0], small)
    page.get_by_text('64 x 48 pixels, the infrared one 80 x 60; align them first').wait_for()
    page.locator('#infrared').set_input_files(broken)
    page.get_by_text('broken.png: is damaged or not an image').wait_for()
    assert page.get_by_role('link', name='Download the fused image').is_hidden()


def test_the_slider_shows_the_source(page):
    page.get_by_role('button', name='Show an example').click()
    page.get_by_text('320 x 240 pixels in').wait_for()
    page.get_by_label('Where the fused image begins').fill('30')
    clip = page.locator('#source').evaluate('canvas => canvas.style.clipPath')
    assert clip in ('inset(0px 70% 0px 0px)', 'inset(0 70% 0 0)')
    drawn = 'canvas => [...canvas.getContext("2d").getImageData(60, 80, 1, 1).data]'
    before = page.locator('#source').evaluate(drawn)
    page.get_by_label('Left of the slider').select_option('infrared')
    red, green, blue, alpha = page.locator('#source').evaluate(drawn)
    assert red == green == blue != before[0]
    assert alpha == 255
