"""What our tools read never runs code, and nothing that others read is changed by that."""

import argparse
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mmseg
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmengine.runner import checkpoint as mmengine_checkpoint
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from mmseg.registry import MODELS

from bffr.errors import InputError
from mmseg_bffr.apis import (
    RunOptions,
    TrainingOptions,
    fuse_dataset,
    init_model,
    segment_dataset,
    train,
)
from mmseg_bffr.apis.publish import publish
from mmseg_bffr.checkpoints import save_weights
from mmseg_bffr.checkpoints.safe_loading import safe_loading

MMSEG = Path(mmseg.__file__).with_name('.mim') / 'configs/_base_/models/fcn_r50-d8.py'


def loaders():
    return {**CheckpointLoader._schemes, 'load': vars(CheckpointLoader)['load_checkpoint']}


@pytest.fixture(autouse=True)
def unchanged():
    """Whatever a test here does, mmengine's loaders are the same afterwards."""
    before = loaders()
    yield
    after = loaders()
    assert list(after) == list(before)
    assert all(after[name] is before[name] for name in before)


@pytest.fixture
def network():
    """The smallest of mmsegmentation's networks with names in the model zoos."""
    init_default_scope('mmseg')
    torch.manual_seed(1)
    return MODELS.build(dict(type='ResNetV1c', depth=18))


@pytest.fixture
def zoo(network, tmp_path, monkeypatch):
    """Names of addresses that were downloaded; all give `network` with an ImageNet classifier."""
    weights = {**network.state_dict(), 'fc.weight': torch.ones(9, 512), 'fc.bias': torch.ones(9)}
    addresses = []

    def download(url, path, *args, **kwargs):
        addresses.append(url)
        torch.save(weights, path)

    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    return addresses


class Foreign:
    """Harmless, but reading it back the ordinary way makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


class TestOutsideOurTools:
    def test_a_plain_model_is_initialised_by_mmengine(self, network, monkeypatch):
        read = []

        def load_from_http(url, map_location=None):
            read.append(url)
            return network.state_dict()

        monkeypatch.setattr(mmengine_checkpoint, 'load_from_http', load_from_http)
        checkpoint = dict(type='Pretrained', checkpoint='open-mmlab://resnet18_v1c')
        torch.manual_seed(2)
        other = MODELS.build(dict(type='ResNetV1c', depth=18, init_cfg=checkpoint))
        other.init_weights()
        assert len(read) == 1
        assert torch.equal(other.stem[0].weight, network.stem[0].weight)

    def test_mmengine_reads_what_it_has_always_read(self, tmp_path):
        torch.save({'state_dict': {}, 'meta': argparse.Namespace(lr=1)}, tmp_path / 'a.pth')
        assert load_checkpoint(torch.nn.Linear(1, 1), str(tmp_path / 'a.pth'))['meta'].lr == 1

    def test_until_the_last_of_several_leaves(self, tmp_path):
        torch.save({'meta': Foreign(tmp_path / 'ran'), 'state_dict': {}}, tmp_path / 'a.pth')
        one, other = safe_loading(), safe_loading()
        one.__enter__()
        other.__enter__()
        one.__exit__(None, None, None)
        with pytest.raises(InputError, match='refused'):
            load_checkpoint(torch.nn.Linear(1, 1), str(tmp_path / 'a.pth'))
        other.__exit__(None, None, None)
        load_checkpoint(torch.nn.Linear(1, 1), str(tmp_path / 'a.pth'))
        assert (tmp_path / 'ran').exists()

    def test_another_thread_reads_as_mmengine_does(self, tmp_path):
        torch.save({'state_dict': {}, 'meta': argparse.Namespace(lr=1)}, tmp_path / 'a.pth')

        def load():
            return load_checkpoint(torch.nn.Linear(1, 1), str(tmp_path / 'a.pth'))['meta'].lr

        with ThreadPoolExecutor(1) as other, safe_loading():
            assert other.submit(load).result() == 1
            with pytest.raises(InputError, match='refused'):
                load()
            with pytest.raises(InputError, match='refused'):
                other.submit(safe_loading()(load)).result()
            assert other.submit(load).result() == 1


def training(c, warm_start, **options):
    train(c, TrainingOptions(**options), warm_start=warm_start)


FIRST = 'model.fuser.init_cfg.checkpoint={}'
ENTRANCES = {
    '--load-from': lambda c, f, **to: training(c[0], True, load_from=f, **to),
    '--resume-from': lambda c, f, **to: training(c[0], True, resume_from=f, **to),
    'load_from in a config': lambda c, f, **to: training(
        c[0], True, cfg_options=[f'load_from={f}'], **to
    ),
    'initial weights of a part': lambda c, f, **to: training(
        c[1], False, cfg_options=[FIRST.format(f), 'model.backbone.init_cfg=None'], **to
    ),
    'pretrained of a backbone': lambda c, f, **to: training(
        c[1], False, cfg_options=['model.fuser.init_cfg=None', f'model.pretrained={f}',
        'model.backbone.init_cfg=None'], **to
    ),
    'test_fusion.py': lambda c, f, **to: fuse_dataset(c[0], f, RunOptions(**to)),
    'test_fuser_segmenter.py': lambda c, f, **to: segment_dataset(c[1], f, RunOptions(**to)),
    'init_model': lambda c, f, **_: init_model(c[0], f),
    'publish.py': lambda c, f, work_dir: publish(c[0], f, work_dir),
}  # fmt: skip


class TestOurTools:
    @pytest.mark.parametrize('entrance', ENTRANCES)
    def test_code_is_refused_and_mmengine_left_as_it_was(self, entrance, tiny_configs, tmp_path):
        """The latter is checked by `unchanged`."""
        checkpoint = {
            'meta': Foreign(tmp_path / 'code_was_run'),
            'state_dict': {'w': torch.ones(1)},
        }
        torch.save(checkpoint, tmp_path / 'foreign.pth')
        configs = list(map(str, tiny_configs))
        with pytest.raises(InputError, match=r'foreign\.pth: refused'):
            ENTRANCES[entrance](
                configs, str(tmp_path / 'foreign.pth'), work_dir=str(tmp_path / 'work')
            )
        assert not (tmp_path / 'code_was_run').exists()

    def test_after_a_call_that_went_well(self, tiny_configs, tmp_path):
        save_weights(tmp_path / 'a.pth', init_model(tiny_configs[0]).state_dict())
        assert init_model(tiny_configs[0], tmp_path / 'a.pth')

    @pytest.mark.parametrize(
        ('name', 'address'),
        [
            ('open-mmlab://resnet18_v1c', '/resnet18_v1c-b5776b93.pth'),
            ('torchvision://resnet18', '/resnet18-f37072fd.pth'),
        ],
    )
    def test_trains_a_model_of_mmsegmentation(
        self, root, synthetic, tmp_path, network, zoo, name, address
    ):
        (tmp_path / 'fcn.py').write_text(f"""
_base_ = [
    {str(MMSEG)!r},
    *(f'{root}/configs/_base_/{{name}}.py' for name in (
        'datasets/mfnet', 'schedules/from_scratch_1k', 'default_runtime'
    )),
]
head = dict(num_classes=9, channels=8)
model = dict(
    data_preprocessor=dict(size=(64, 64)), pretrained={name!r}, backbone=dict(depth=18),
    decode_head=dict(in_channels=512, **head), auxiliary_head=dict(in_channels=256, **head),
)
pipeline = [dict(type='LoadImageFromFile'), dict(type='LoadLabels'), dict(type='PackSegInputs')]
train_dataloader = dict(
    num_workers=0, persistent_workers=False,
    dataset=dict(data_root={str(synthetic)!r}, pipeline=pipeline),
)
optim_wrapper = dict(optimizer=dict(lr=0.0))
param_scheduler = []
train_cfg = dict(max_iters=1)
default_hooks = dict(checkpoint=dict(save_best=None))
custom_hooks = []
""")
        work_dir = tmp_path / 'work'
        training(str(tmp_path / 'fcn.py'), False, no_validate=True, work_dir=str(work_dir))
        assert [url for url in zoo if url.startswith('https://') and url.endswith(address)] == zoo
        trained = torch.load(work_dir / 'iter_1.pth', weights_only=False)['state_dict']
        for key, value in network.named_parameters():
            assert torch.equal(trained[f'backbone.{key}'], value), key

    def test_a_part_of_a_deeper_network_is_no_classifier(self, network, tmp_path):
        weights = {**network.state_dict(), 'layer3.2.conv1.weight': torch.ones(1)}
        save_weights(tmp_path / 'deeper.pth', weights)
        checkpoint = dict(type='Pretrained', checkpoint=str(tmp_path / 'deeper.pth'))
        model = dict(
            type='FuserSegmenter',
            fuser=dict(type='TransFuser6', channels=(2,) * 5, heads=(1,) * 4),
            backbone=dict(type='ResNetV1c', depth=18, init_cfg=checkpoint),
            decode_head=dict(type='FCNHead', in_channels=512, channels=2, num_classes=9),
        )  # fmt: skip
        with safe_loading(), pytest.raises(InputError, match=r'1 left over: layer3\.2\.conv1'):
            MODELS.build(ConfigDict(model)).init_weights()

    @pytest.mark.parametrize('complete', [True, False])
    def test_swin_classifiers_end_in_one_normalisation(self, complete, tmp_path):
        """Keys as in mmsegmentation's issue 2509."""
        init_default_scope('mmseg')
        swin = dict(type='SwinTransformer', embed_dims=6, depths=(2, 2, 2, 2), num_heads=(1,) * 4)
        weights = {
            key: torch.full_like(value, 3)
            for key, value in MODELS.build(swin).state_dict().items()
            if not key.startswith('norm')
        }
        weights['stages.0.blocks.1.attn_mask'] = torch.ones(64, 49, 49)
        if complete:
            weights |= {'norm.weight': torch.ones(48), 'norm.bias': torch.ones(48)}
        save_weights(tmp_path / 'swin.pth', weights)
        model = MODELS.build(
            dict(
                type='FuserSegmenter',
                fuser=dict(type='TransFuser6', channels=(2,) * 5, heads=(1,) * 4),
                backbone=swin
                | dict(init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'swin.pth'))),
                decode_head=dict(type='FCNHead', in_channels=48, channels=2, num_classes=9),
            )
        )
        with safe_loading():
            if complete:
                model.backbone.init_weights()
                loaded = model.backbone.state_dict()
                assert all((loaded[key] == 3).all() for key in weights if key in loaded)
                assert (loaded['norm0.weight'] == 1).all()
            else:
                with pytest.raises(InputError, match=r'8 missing: norm0\.weight.*1 left over'):
                    model.backbone.init_weights()

    @pytest.mark.usefixtures('zoo')
    @pytest.mark.parametrize(
        'name', ['s3://a/b.pth', 'openmmlab:s3://a/b.pth', 'pavi://a', 'torchvision://none']
    )
    def test_other_names_are_refused(self, name):
        with safe_loading(), pytest.raises(InputError, match=f'^{name}: '):
            load_checkpoint(torch.nn.Linear(1, 2), name)

    def test_backbones_of_mmpretrain(self, zoo, monkeypatch):
        weights = {'backbone.weight': torch.full((2, 1), 7.0), 'head.fc.weight': torch.ones(9, 2)}
        monkeypatch.setattr(
            torch.hub, 'download_url_to_file', lambda _, path: torch.save(weights, path)
        )
        layer = torch.nn.Linear(1, 2)
        with safe_loading():
            load_checkpoint(layer, 'mmcls://vgg11')
        assert torch.equal(layer.weight, weights['backbone.weight'])


class TestPackages:
    @pytest.fixture
    def package(self, tmp_path, monkeypatch):
        """The folder of an installed package, whose code nobody runs."""
        folder = tmp_path / 'some_weights'
        folder.mkdir()
        (folder / '__init__.py').write_text('raise SystemExit')
        monkeypatch.syspath_prepend(tmp_path)
        return folder

    def test_the_weights_in_one_are_read(self, package):
        (package / 'models').mkdir()
        torch.save({'weight': torch.tensor([[7.0]])}, package / 'models/linear.pth')
        layer = torch.nn.Linear(1, 1, bias=False)
        with safe_loading():
            load_checkpoint(layer, 'package://some_weights')
        assert layer.weight.item() == 7

    @pytest.mark.parametrize('files', [(), ('a.pth', 'b.pth')])
    def test_no_or_several_are_refused(self, package, files):
        for name in files:
            torch.save({'weight': torch.ones(1, 1)}, package / name)
        with safe_loading(), pytest.raises(InputError, match=f'some_weights: holds {len(files)} '):
            load_checkpoint(torch.nn.Linear(1, 1), 'package://some_weights')

    def test_code_in_them_does_not_run(self, package, tmp_path):
        torch.save({'meta': Foreign(tmp_path / 'ran'), 'state_dict': {}}, package / 'a.pth')
        with safe_loading(), pytest.raises(InputError, match='refused'):
            load_checkpoint(torch.nn.Linear(1, 1), 'package://some_weights')
        assert not (tmp_path / 'ran').exists()

    def test_a_missing_one_is_named_with_the_extra(self):
        with (
            safe_loading(),
            pytest.raises(InputError, match=r'nobody_has.*bffr\[pretrained]'),
        ):
            load_checkpoint(torch.nn.Linear(1, 1), 'package://nobody_has')

    @pytest.mark.parametrize('name', ['package://', 'package://../x', 'package://a.b'])
    def test_what_is_no_name_is_refused(self, name):
        with safe_loading(), pytest.raises(InputError, match=f'^{name}: '):
            load_checkpoint(torch.nn.Linear(1, 1), name)


class Handler(BaseHTTPRequestHandler):
    """Gives the files in `server.files`, the first `server.cut` bytes where that is set."""

    def do_GET(self):  # noqa: N802
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.server.cut])

    def log_message(self, *_):
        pass


class TestAddresses:
    @pytest.fixture
    def server(self, tmp_path, monkeypatch):
        monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
        server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.files, server.cut, server.asked = {}, None, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
        server.server_close()

    @pytest.fixture
    def offer(self, server, tmp_path):
        """Offer weights of one value at a path; returns the address."""

        def offer(path, value, **options):
            torch.save({'weight': torch.full((2, 1), value)}, tmp_path / 'offered', **options)
            server.files[path] = (tmp_path / 'offered').read_bytes()
            return f'http://127.0.0.1:{server.server_port}{path}'

        return offer

    def read(self, address):
        layer = torch.nn.Linear(1, 2)
        with safe_loading():
            load_checkpoint(layer, address)
        return layer.weight[0].item()

    def test_one_name_at_two_addresses(self, server, offer):
        paths = ['/a/w.pth', '/b/w.pth', '/a/w.pth?v=2']
        addresses = [offer(path, float(value)) for value, path in enumerate(paths)]
        for _ in range(2):
            assert [self.read(address) for address in addresses] == [0, 1, 2]
        assert server.asked == paths  # once each

    @pytest.mark.parametrize('zipped', [True, False])
    @pytest.mark.parametrize('part', [0, 0.5, 0.99])
    def test_a_lost_connection_leaves_nothing(self, server, offer, zipped, part, tmp_path):
        address = offer('/w.pth', 3.0, _use_new_zipfile_serialization=zipped)
        server.cut = int(part * len(server.files['/w.pth']))
        with pytest.raises(InputError, match=f'^{address}: .*damaged'):
            self.read(address)
        assert not list((tmp_path / 'hub/checkpoints').iterdir())
        server.cut = None
        assert self.read(address) == 3

    def test_missing(self, server, offer):
        address = offer('/w.pth', 1.0)
        with pytest.raises(InputError, match='none.pth: cannot be downloaded .*404'):
            self.read(address.replace('w.pth', 'none.pth'))
        server.shutdown()
        server.server_close()
        with pytest.raises(InputError, match='w.pth: cannot be downloaded'):
            self.read(address)
