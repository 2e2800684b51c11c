"""The Python interface on files and arrays."""

import copy
import shutil

import cv2
import numpy as np
import pytest
import torch

from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.images.image_io import read_image
from bffr.images.pair import read_pair
from bffr.images.thermal import InfraredScale
from mmseg_bffr.apis import RunOptions, fuse, fuse_dataset, init_model, segment
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.models import FuserSegmenter, TransFuser


@pytest.fixture(scope='module')
def fuser(tiny_configs):
    torch.manual_seed(0)
    return init_model(tiny_configs[0])


@pytest.fixture(scope='module')
def joint(tiny_configs):
    torch.manual_seed(0)
    return init_model(str(tiny_configs[1]))


@pytest.fixture(scope='module')
def files(synthetic):
    return synthetic / 'vis/00001N.png', synthetic / 'ir/00001N.png'


@pytest.fixture(scope='module')
def arrays(files):
    return tuple(map(read_image, files))


class TestInitModel:
    def test_builds_for_inference(self, fuser, joint):
        assert type(fuser) is TransFuser
        assert type(joint) is FuserSegmenter
        assert not any(m.training for model in (fuser, joint) for m in model.modules())

    def test_fuser_of_a_joint_checkpoint(self, tiny_configs, joint, files, tmp_path):
        torch.save({'state_dict': joint.state_dict()}, tmp_path / 'joint.pth')
        alone = init_model(tiny_configs[0], tmp_path / 'joint.pth')
        np.testing.assert_array_equal(fuse(alone, *files), fuse(joint, *files))

    def test_device_as_an_object(self, tiny_configs):
        assert next(init_model(tiny_configs[0], device=torch.device('cpu')).parameters()).is_cpu

    def test_config_as_an_object(self, fuser, files):
        assert type(init_model(fuser.cfg)) is TransFuser

    def test_mistakes(self, tiny_configs, fuser, tmp_path):
        torch.save({'state_dict': fuser.state_dict()}, tmp_path / 'fuser.pth')
        with pytest.raises(InputError, match=r'fuser\.pth: does not fit FuserSegmenter'):
            init_model(tiny_configs[1], tmp_path / 'fuser.pth')

    def test_segmenter_without_a_fuser(self, root, joint, files, tmp_path):
        config = root / 'configs/segformer/segformer_mit-b0_1xb4-1k_msrs-weak-96x128.py'
        model = init_model(config)
        with pytest.raises(InputError, match='does not fuse'):
            fuse(model, *files)
        torch.save({'state_dict': joint.state_dict()}, tmp_path / 'joint.pth')
        with pytest.raises(InputError, match='does not fit EncoderDecoder'):
            init_model(config, tmp_path / 'joint.pth')


class TestFuse:
    def test_files_and_arrays_agree(self, fuser, files, arrays):
        fused = fuse(fuser, *files)
        assert fused.shape == (48, 64, 3)
        assert fused.dtype == np.uint8
        np.testing.assert_array_equal(fuse(fuser, *arrays), fused)
        np.testing.assert_array_equal(fuse(fuser, str(files[0]), arrays[1]), fused)

    def test_is_the_network_and_the_saving(self, fuser, arrays):
        inputs = np.dstack(arrays).transpose(2, 0, 1)[None].astype(np.float32) / 255
        with torch.no_grad():
            fused = fuser(torch.from_numpy(inputs))[0].clamp(0, 1).numpy()
        fused = fused.transpose(1, 2, 0)
        result = fuse(fuser, *arrays, stretch=False).astype(int)
        assert np.abs(result - np.floor(fused * 255)).max() <= 1
        stretched = fuse(fuser, *arrays).astype(int)
        expected = (fused - fused.min()) / np.ptp(fused) * 255
        assert np.abs(stretched - np.floor(expected)).max() <= 1
        assert (stretched.min(), stretched.max()) == (0, 255)

    @pytest.mark.parametrize('size', [(16, 16), (17, 31), (75, 101)])
    def test_any_size(self, fuser, joint, size):
        rng = np.random.default_rng(0)
        pair = rng.integers(0, 256, (*size, 3), np.uint8), rng.integers(0, 256, size, np.uint8)
        assert fuse(fuser, *pair).shape == (*size, 3)
        assert fuse(joint, *pair).shape == (*size, 3)

    def test_arrays_with_negative_strides_and_left_as_they_were(self, fuser, arrays):
        before = [array.copy() for array in arrays]
        mirrored = [array[:, ::-1] for array in arrays]
        expected = fuse(fuser, *(np.ascontiguousarray(m) for m in mirrored))
        np.testing.assert_array_equal(fuse(fuser, *mirrored), expected)
        for array, old in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize('run', [fuse, segment])
class TestBoth:
    @pytest.mark.parametrize('dtype', [np.uint16, np.float32])
    def test_raw_arrays_are_scaled_as_files_are(self, joint, arrays, run, dtype, tmp_path):
        raw = (7000 + 9 * arrays[1].astype(dtype)).astype(dtype)
        cv2.imwrite(str(tmp_path / 'raw.tif'), raw)
        of_file = run(joint, arrays[0], tmp_path / 'raw.tif')
        np.testing.assert_array_equal(run(joint, arrays[0], raw), of_file)
        assert (fuse(joint, arrays[0], 0 * raw) != fuse(joint, arrays[0], raw)).any()

    def test_too_small(self, joint, arrays, run):
        with pytest.raises(InputError, match=r'at least (16x16|32x32) pixels.* not 64x12'):
            run(joint, arrays[0][:12], arrays[1][:12])


class TestSegment:
    def test_files_and_arrays_agree(self, joint, files, arrays):
        labels = segment(joint, *files)
        assert labels.shape == (48, 64)
        assert labels.dtype == np.uint8
        assert 0 < np.ptp(labels) <= 8
        np.testing.assert_array_equal(segment(joint, *arrays), labels)

    def test_labels_have_the_size_of_the_pair_whatever_the_pipeline(self, joint, arrays):
        cfg = copy.deepcopy(joint.cfg)
        steps = cfg.test_dataloader.dataset.pipeline
        steps.insert(1, dict(type='Resize', scale=(96, 72), keep_ratio=True))
        model = init_model(cfg)
        model.load_state_dict(joint.state_dict())
        seen = []
        model.backbone.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
        model.test_cfg.mode = 'whole'
        assert segment(model, *(array[:45] for array in arrays)).shape == (45, 64)
        assert seen == [(1, 3, 68, 96)]

    def test_needs_a_segmenter(self, fuser, files):
        with pytest.raises(InputError, match='only fuses; to segment, use one that finds'):
            segment(fuser, *files)


def test_a_configs_range_of_infrared_holds_everywhere(
    tiny_configs, fuser, synthetic, tmp_path, monkeypatch
):
    """Test set, two folders, `fuse` and `fuse_files` make the same of 16-bit infrared."""
    monkeypatch.setattr(TransFuser, 'fuse_luma', lambda self, visible, infrared: infrared)
    data = shutil.copytree(synthetic, tmp_path / 'data')
    for path in (data / 'ir').iterdir():
        raw = 7000 + 10 * read_image(path).astype(np.uint16)
        path.write_bytes(cv2.imencode('.png', raw)[1].tobytes())
    config = tmp_path / 'ranged.py'
    load = dict(type='LoadPair', infrared=dict(range=(7000, 12000)))
    dataset = dict(data_root=str(data), pipeline=[load, dict(type='PackSegInputs')])
    config.write_text(
        f'_base_ = {str(tiny_configs[0])!r}\ntest_dataloader = dict(dataset={dataset})\n'
    )
    torch.save({'state_dict': fuser.state_dict()}, tmp_path / 'a.pth')
    run = RunOptions(work_dir=str(tmp_path / 'work'), device='cpu')
    folders = dict(vis_dir=str(data / 'vis'), ir_dir=str(data / 'ir'))
    for name, kinds in dict(of_set={}, of_folders=folders).items():
        paths = str(config), str(tmp_path / 'a.pth')
        fuse_dataset(*paths, run, show_dir=str(tmp_path / name), **kinds)
    model = init_model(config, tmp_path / 'a.pth', 'cpu')
    fuse_files(as_model(model), data / 'vis', data / 'ir', tmp_path / 'files')
    for path in (tmp_path / 'of_set').iterdir():
        image = read_image(path)
        for folder in ('of_folders', 'files'):
            assert np.abs(image.astype(int) - read_image(tmp_path / folder / path.name)).max() <= 1
        again = fuse(model, data / 'vis' / path.name, data / 'ir' / path.name)
        assert np.abs(image.astype(int) - again).max() <= 1
        files = data / 'vis' / path.name, data / 'ir' / path.name
        ranged = read_pair(*files, InfraredScale(**load['infrared'])).infrared
        by_percentiles = read_pair(*files).infrared
        assert np.abs(by_percentiles.astype(int) - ranged).max() > 9


def test_released_weights_by_file_name(root, golden, files):
    config = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'
    joint = init_model(root / config, golden / 'legacy_bffr.pth')
    alone = init_model(root / 'configs/fuser/transfuser6_avg.py', golden / 'legacy_bffr.pth')
    np.testing.assert_array_equal(fuse(joint, *files), fuse(alone, *files))
