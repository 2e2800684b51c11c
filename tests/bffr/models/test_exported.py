"""Exported models: what is loaded, what is refused, and what the engines make of it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.models.engines import ENGINES
from bffr.models.exported import ADDED, FIELDS, sha256
from bffr.models.tiles import Tiles, fuse_in_tiles
from tests.fake_models import drawn_pair, mean_and_bright, mean_model, write_exported


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return write_exported(tmp_path_factory.mktemp('exported'))


@pytest.fixture(params=ENGINES)
def engine(request):
    return pytest.importorskip(request.param) and request.param


class TestEngines:
    def test_images_of_any_size_and_batches(self, folder, engine):
        model = bffr.load(folder, engine=engine)
        pairs = [[image[:height] for image in drawn_pair(3)] for height in (32, 16, 31, 32)]
        pairs.append([np.stack(i) for i in zip(*map(drawn_pair, range(3)), strict=True)])
        for pair in pairs:
            fused, labels = mean_model().fuse_and_segment(*pair)
            np.testing.assert_array_equal(model.fuse(*pair), fused)
            np.testing.assert_array_equal(model.segment(*pair), labels)

    def test_tiles_of_a_file_without_sums(self, folder, engine):
        pair = drawn_pair(2)
        tiled = fuse_in_tiles(bffr.load(folder, engine=engine).engine, *pair, Tiles(1, 0), side=20)
        np.testing.assert_allclose(
            tiled, mean_and_bright(*(i[None] for i in pair))[0][0], atol=1e-7
        )

    def test_many_threads(self, folder, engine):
        model, start = bffr.load(folder, engine=engine), threading.Barrier(4)

        def work(index):
            if index < 4:
                start.wait(30)
            pair = drawn_pair(index % 9)
            fused, labels = model.fuse_and_segment(*pair)
            alone = model.fuse(*pair)
            return fused, labels, alone

        with ThreadPoolExecutor(4) as pool:
            for index, (fused, labels, alone) in enumerate(pool.map(work, range(60))):
                wanted = mean_model().fuse_and_segment(*drawn_pair(index % 9))
                np.testing.assert_array_equal(fused, wanted[0])
                np.testing.assert_array_equal(labels, wanted[1])
                np.testing.assert_array_equal(alone, wanted[0])

    def test_labels_are_not_computed_for_nothing(self, tmp_path, engine):
        """Of a file that only fuses they cannot be asked for."""
        model = bffr.load(write_exported(tmp_path, segments=False), engine=engine)
        assert (model.classes, model.palette) == ([], [])
        np.testing.assert_array_equal(model.fuse(*drawn_pair(1)), mean_model().fuse(*drawn_pair(1)))
        with pytest.raises(InputError, match='This model only fuses'):
            model.segment(*drawn_pair(1))

    def test_threads_and_device(self, folder, engine):
        model = bffr.load(folder, engine=engine, device='cpu', threads=1)
        np.testing.assert_array_equal(model.fuse(*drawn_pair(1)), mean_model().fuse(*drawn_pair(1)))
        with pytest.raises(InputError, match=r'device cuda:3: .* it has .*cpu'):
            bffr.load(folder, engine=engine, device='cuda:3')
        model = bffr.load(folder, engine=engine, device='CPU')
        np.testing.assert_array_equal(model.fuse(*drawn_pair(1)), mean_model().fuse(*drawn_pair(1)))
        for device in ('', 'cpu:1', 'cpu:0', 0, 'cuda:', 'gpu.1', ' cpu', 'cuda:-1'):
            with pytest.raises(
                InputError, match=f"device '{device}': is not a device; give a name"
            ):
                bffr.load(folder, engine=engine, device=device)
        with pytest.raises(InputError, match='threads 1025: must be from 1 to 1024'):
            bffr.load(folder, engine=engine, threads=1025)
        with pytest.raises(InputError, match=r'threads 1\.5: must be from 1 to 1024'):
            bffr.load(folder, engine=engine, threads=1.5)
        with pytest.raises(InputError, match='threads 0: must be from 1 to 1024'):
            bffr.load(folder, engine=engine, threads=0)

    def test_raw_infrared_is_scaled_by_the_file_s_range(self, tmp_path, engine):
        model = bffr.load(
            write_exported(tmp_path, infrared=dict(range=[8000, 9020])), engine=engine
        )
        visible, infrared = drawn_pair(2)
        raw = 8000 + 4 * infrared.astype(np.uint16)
        np.testing.assert_array_equal(
            model.fuse(visible, raw), mean_model().fuse(visible, infrared)
        )


class TestRefused:
    def test_a_folder_of_something_else(self, tmp_path):
        with pytest.raises(InputError, match=r'model\.json: cannot be read .* `bffr export` wrote'):
            bffr.load(tmp_path)

    @pytest.mark.parametrize('field', FIELDS)
    @pytest.mark.parametrize('wrong', ['missing', None, True])
    def test_metadata(self, tmp_path, field, wrong):
        write_exported(tmp_path)
        file = tmp_path / 'model.json'
        metadata = json.loads(file.read_text())
        metadata[field] = wrong
        if wrong == 'missing':
            del metadata[field]
        file.write_text(json.dumps(metadata))
        if wrong == 'missing' and field in ADDED:
            assert bffr.load(tmp_path).metadata[field] == ADDED[field]
            return
        with pytest.raises(InputError, match=rf'model\.json: {field} missing or of another type'):
            bffr.load(tmp_path)

    @pytest.mark.parametrize('text', ['', '[]', '{"a', '[' * 100_000, b'\xff\xfe'])
    def test_metadata_that_is_no_json_object(self, tmp_path, text):
        write_exported(tmp_path)
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / 'model.json').write_bytes(content)
        with pytest.raises(InputError, match=r'model\.json: is damaged; give a folder that'):
            bffr.load(tmp_path)

    def test_metadata_that_contradicts_itself(self, tmp_path):
        write_exported(tmp_path, palette=[])
        with pytest.raises(InputError, match='needs a colour for each class'):
            bffr.load(tmp_path)
        write_exported(tmp_path, infrared=dict(warm=1))
        with pytest.raises(InputError, match='infrared is not understood .*warm'):
            bffr.load(tmp_path)

    @pytest.mark.parametrize('at', [10, -10])
    def test_a_changed_byte(self, tmp_path, at):
        write_exported(tmp_path)
        content = bytearray((tmp_path / 'model.onnx').read_bytes())
        content[at] ^= 1
        (tmp_path / 'model.onnx').write_bytes(content)
        with pytest.raises(InputError, match=r'model\.onnx: is missing, damaged or of another'):
            bffr.load(tmp_path)
        (tmp_path / 'model.onnx').unlink()
        with pytest.raises(InputError, match=r'model\.onnx: is missing, damaged or of another'):
            bffr.load(tmp_path)

    @pytest.mark.parametrize('name', ['model.onnx', 'model.json', 'none.onnx'])
    def test_a_file_instead_of_its_folder(self, folder, monkeypatch, name):
        monkeypatch.chdir(folder)
        for path in (name, folder / name):
            with pytest.raises(InputError, match=rf'{name}: give the folder that `bffr export` wr'):
                bffr.load(path)

    def test_engines(self, folder, monkeypatch):
        with pytest.raises(InputError, match='engine tvm: choose from onnxruntime, openvino, to'):
            bffr.load(folder, engine='tvm')
        with pytest.raises(
            InputError, match='is exported, so it runs with onnxruntime or openvino'
        ):
            bffr.load(folder, engine='torch')
        monkeypatch.setattr('bffr.errors.find_spec', lambda name: None)
        with pytest.raises(InputError, match=r"openvino is not installed; .*'bffr\[openvino\]'"):
            bffr.load(folder, engine='openvino')

    def test_a_file_that_no_engine_reads(self, tmp_path, engine):
        write_exported(tmp_path)
        (tmp_path / 'model.onnx').write_bytes(b'no model')
        metadata = json.loads((tmp_path / 'model.json').read_text())
        metadata['model_sha256'] = sha256(tmp_path / 'model.onnx')
        (tmp_path / 'model.json').write_text(json.dumps(metadata))
        with pytest.raises(InputError, match=rf'model\.onnx: {engine} cannot read it \('):
            bffr.load(tmp_path, engine=engine)
