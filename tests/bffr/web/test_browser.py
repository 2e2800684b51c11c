"""The page in Debian's chromium."""

import json
import re
import shutil

import numpy as np
import pytest

from bffr.images.image_io import read_image, write_png

pytestmark = pytest.mark.slow


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
def page(server, browser):
    page = browser.new_page(viewport={'width': 1400, 'height': 1500})
    page.set_default_timeout(60_000)
    page.goto(server.url)
    yield page
    page.close()


def upload(page, *files):
    """Upload a visible and an infrared image."""
    for number, path in enumerate(files):
        page.locator('input[type=file]').first.set_input_files(path)
        page.get_by_test_id('download-link').nth(number).wait_for()


def press(page, name):
    page.get_by_role('button', name=name, exact=True).click()


def download(page, name, folder):
    with page.expect_download() as started:
        page.locator(f'a[download="{name}"]').click()
    started.value.save_as(folder / name)
    return folder / name


def test_a_pair_is_fused_into_the_pixels_of_the_library(page, pairs, model, tmp_path):
    upload(page, *pairs[1])
    press(page, 'Fuse')
    page.get_by_text(re.compile(r'^content-s-2026-12: 128 x 96 pixels in')).wait_for()
    fused = read_image(download(page, 'fused.png', tmp_path))
    np.testing.assert_array_equal(fused, model.fuse(*pairs[1]))
    page.get_by_text('Qabf', exact=True).wait_for()


def test_an_example_and_what_is_beside_the_fused_image(page):
    press(page, 'Night')
    page.locator('a[download="night_infrared.png"]').wait_for()
    press(page, 'Fuse')
    left = page.get_by_test_id('imageslider-image').first
    for source in ('visible', 'infrared'):
        page.get_by_label(source, exact=True).check()
        left.and_(page.locator(f'[src$="/{source}.png"]')).wait_for()
    page.get_by_text('car', exact=True).wait_for()  # in the legend


def test_four_clicks_give_the_matrix(page, tmp_path):
    clicked = [(10, 10), (60, 12), (55, 45), (8, 50)]
    visible, infrared = tmp_path / 'visible.png', tmp_path / 'infrared.png'
    write_png(visible, np.full((120, 160, 3), 90, np.uint8))
    write_png(infrared, np.full((60, 80), 120, np.uint8))
    upload(page, visible, infrared)
    page.get_by_role('tab', name='Align').click()
    page.get_by_label('homography').check()
    images = page.get_by_role('tabpanel').locator('img:visible')
    for row, (x, y) in enumerate(clicked):
        for image, point in ((0, (2 * x + 4, 2 * y - 6)), (1, (x, y))):
            box, drawn = images.nth(image).bounding_box(), images.nth(image).get_attribute('src')
            page.mouse.click(round(box['x']) + point[0], round(box['y']) + point[1])
            for column, value in enumerate(point, 2 * image):
                cell = page.get_by_test_id(f'cell-{row}-{column}')
                cell.filter(has_text=f'{value}').wait_for()
            images.nth(image).and_(page.locator(f':not([src="{drawn}"])')).wait_for()
    press(page, 'Align')
    rig = json.loads(download(page, 'rig.json', tmp_path).read_text())
    np.testing.assert_allclose(rig['matrix'], [[2, 0, 4], [0, 2, -6], [0, 0, 1]], atol=1e-6)
    page.get_by_role('tab', name='Fuse').click()
    press(page, 'Fuse')
    width, height = rig['overlap'][2:]
    page.get_by_text(re.compile(f'{width} x {height} pixels .*, aligned by rig.json')).wait_for()


def test_a_broken_file_is_answered_by_a_sentence(page, pairs, tmp_path):
    broken = tmp_path / 'broken.png'
    broken.write_bytes(b'no image')
    upload(page, pairs[0][0], broken)
    sentence = 'broken.png: is empty, damaged or not an image; replace the file.'
    page.get_by_text(sentence, exact=True).first.wait_for()
