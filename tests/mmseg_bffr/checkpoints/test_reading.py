"""Checkpoints load wholly, under any of their known names, and without running their code."""

import contextlib
import csv
import os
import pickle
import tarfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from mmseg.registry import MODELS

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.checkpoints import load_from_file, safe_loading
from mmseg_bffr.checkpoints.other_names import rename_legacy, rename_mit

GUARD = 'weights_only', 'safe_globals', 'torch.load', 'pickle'
FUSER = 'legacy_avg_fuser.pth'
JOINT = 'legacy_bffr.pth'
CONFIGS = {
    FUSER: 'configs/fuser/transfuser6_avg.py',
    JOINT: 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py',
}


@pytest.fixture(scope='module')
def build(root):
    def build(kind, **options) -> torch.nn.Module:
        cfg = load_config(root / CONFIGS[kind])
        cfg.merge_from_dict(options)
        init_default_scope('mmseg')
        return MODELS.build(cfg.model)

    return build


@pytest.fixture(scope='module')
def legacy(root):
    """Random weights under the keys of the authors' two checkpoints."""
    generator = torch.Generator().manual_seed(0)
    kinds = {FUSER: OrderedDict(), JOINT: OrderedDict()}
    with open(root / 'tests/data/legacy_keys.csv', newline='') as file:
        for row in csv.DictReader(file):
            shape = [int(n) for n in row['shape'].split('x') if n]
            kinds[row['checkpoint']][row['key']] = torch.rand(shape, generator=generator)
    return kinds


@pytest.fixture(scope='module')
def files(legacy, tmp_path_factory):
    """The same as files, as mmcv 1.x wrote them."""
    folder = tmp_path_factory.mktemp('legacy')
    for name, weights in legacy.items():
        torch.save({'meta': {'iter': 1, 'CLASSES': ('car',)}, 'state_dict': weights}, folder / name)
    return {name: folder / name for name in legacy}


def is_unused(key):
    return '.bn.' in key and not key.startswith(('backbone', 'decode_head'))


def damaged(weights, path):
    torch.save({'state_dict': weights}, path)
    return path


class TestLegacyNames:
    @pytest.mark.parametrize('kind', [FUSER, JOINT])
    def test_every_key_and_shape_has_its_place(self, build, legacy, kind):
        ours = {key: tuple(value.shape) for key, value in build(kind).state_dict().items()}
        renamed = rename_legacy(legacy[kind])
        assert {key: tuple(value.shape) for key, value in renamed.items()} == ours

    @pytest.mark.parametrize('kind', [FUSER, JOINT])
    def test_only_the_unused_normalisations_are_dropped(self, legacy, kind):
        unused = [key for key in legacy[kind] if is_unused(key)]
        assert unused
        assert len(rename_legacy(legacy[kind])) == len(legacy[kind]) - len(unused)

    def test_values_go_where_their_names_say(self, legacy):
        old, new = legacy[JOINT], rename_legacy(legacy[JOINT])
        for before, after in {
            'conv1_vi.conv2d.bias': 'visible_encoder.stem.bias',
            'DB3_ir.conv2.conv.weight': 'infrared_encoder.levels.2.conv2.weight',
            'fusion_block1.attn1.wk1.weight': 'fusion.0.infrared.attention.key.weight',
            'DB2_2.conv2d.weight': 'decoder.x22.conv.weight',
            'conv_out.conv2d.bias': 'out.bias',
        }.items():
            assert torch.equal(new[f'fuser.{after}'], old[f'fuser.{before}'])
        assert torch.equal(new['decode_head.conv_seg.bias'], old['decode_head.conv_seg.bias'])

    def test_other_state_dicts_stay_as_they_are(self, build):
        ours = build(FUSER).state_dict()
        assert list(rename_legacy(ours)) == list(rename_mit(ours)) == list(ours)


@pytest.fixture
def safe():
    """As within the project's command lines and `init_model`."""
    with safe_loading():
        yield


class TestLoading:
    @pytest.fixture(params=['in our tools', "in mmsegmentation's"], autouse=True)
    def by_either(self, request):
        """Names do not depend on who reads the file."""
        with safe_loading() if request.param == 'in our tools' else contextlib.nullcontext():
            yield

    @pytest.mark.parametrize('kind', [FUSER, JOINT])
    def test_by_file_name(self, build, legacy, files, kind):
        model = build(kind)
        load_checkpoint(model, str(files[kind]))
        expected = rename_legacy(legacy[kind])
        for key, value in model.state_dict().items():
            torch.testing.assert_close(value, expected[key].to(value.dtype))

    def test_meta_is_kept(self, files):
        assert load_from_file(files[FUSER])['meta'] == {'iter': 1, 'CLASSES': ('car',)}

    def test_fuser_out_of_a_joint_checkpoint(self, build, legacy, files):
        fuser = build(FUSER)
        load_checkpoint(fuser, str(files[JOINT]))
        expected = legacy[JOINT]['fuser.conv_out.conv2d.weight']
        assert torch.equal(fuser.out.weight, expected)

    @pytest.mark.parametrize('kind', [FUSER, JOINT])
    def test_fuser_of_a_joint_model_by_init_cfg(self, build, legacy, files, kind):
        checkpoint = {'model.fuser.init_cfg.checkpoint': str(files[kind])}
        joint = build(JOINT, **checkpoint, **{'model.backbone.init_cfg': None})
        head = joint.decode_head.conv_seg.weight.clone()
        joint.init_weights()
        key = 'conv_out.conv2d.weight' if kind == FUSER else 'fuser.conv_out.conv2d.weight'
        assert torch.equal(joint.fuser.out.weight, legacy[kind][key])
        assert not torch.equal(joint.decode_head.conv_seg.weight, head)

    def test_what_was_saved_loads_again(self, build, tmp_path):
        fuser, other = build(FUSER), build(FUSER)
        torch.save({'state_dict': fuser.state_dict()}, tmp_path / 'own.pth')
        load_checkpoint(other, str(tmp_path / 'own.pth'))
        assert torch.equal(other.out.weight, fuser.out.weight)


@pytest.mark.usefixtures('safe')
class TestMisfits:
    @pytest.mark.parametrize(
        'key',
        ['DB4_vi.conv1.conv.weight', 'fusion_block2.attn2.norm1.bias', 'conv1_ir.conv2d.bias'],
    )
    def test_missing_key(self, build, legacy, tmp_path, key):
        weights = {k: v for k, v in legacy[FUSER].items() if k != key}
        (ours,) = set(rename_legacy(legacy[FUSER])) - set(rename_legacy(weights))
        path = damaged(weights, tmp_path / 'less.pth')
        with pytest.raises(InputError, match=rf'less\.pth.*1 missing: {ours}'):
            load_checkpoint(build(FUSER), str(path))

    @pytest.mark.parametrize(
        ('key', 'named'),
        [
            ('DB9_vi.conv1.conv.weight', 'visible_encoder.levels.8.conv1.weight'),
            ('DB1_vi.bn.weight', 'DB1_vi.bn.weight'),
            ('extra', 'extra'),
        ],
    )
    def test_left_over_key(self, build, legacy, tmp_path, key, named):
        path = damaged({**legacy[FUSER], key: torch.ones(2)}, tmp_path / 'more.pth')
        with pytest.raises(InputError, match=rf'more\.pth.*1 left over: {named}'):
            load_checkpoint(build(FUSER), str(path))

    def test_wrong_shape(self, build, legacy, tmp_path):
        weights = {**legacy[FUSER], 'conv_out.conv2d.bias': torch.ones(2)}
        path = damaged(weights, tmp_path / 'shape.pth')
        with pytest.raises(InputError, match=r'shape\.pth.*out\.bias \(2,\) instead of \(1,\)'):
            load_checkpoint(build(FUSER), str(path))

    def test_wrong_number_of_classes(self, build, files):
        five = build(JOINT, **{'model.decode_head.num_classes': 5})
        with pytest.raises(InputError, match=r'conv_seg.weight \(9, 256, 1, 1\) instead of \(5, '):
            load_checkpoint(five, str(files[JOINT]))

    def test_fuser_checkpoint_for_a_joint_model(self, build, files):
        with pytest.raises(InputError, match='legacy_avg_fuser.*does not fit FuserSegmenter'):
            load_checkpoint(build(JOINT), str(files[FUSER]))

    def test_misfit_of_a_part_by_init_cfg(self, build, files):
        checkpoint = {'model.backbone.init_cfg.checkpoint': str(files[FUSER])}
        joint = build(JOINT, **checkpoint, **{'model.fuser.init_cfg': None})
        with pytest.raises(InputError, match='does not fit MixVisionTransformer'):
            joint.init_weights()


def authors_format(backbone):
    """A Mix Transformer's weights as the SegFormer authors' `mit_b0.pth` names them."""
    parts = {
        'attn.attn.out_proj': 'attn.proj',
        'ffn.layers.0': 'mlp.fc1',
        'ffn.layers.1': 'mlp.dwconv.dwconv',
        'ffn.layers.4': 'mlp.fc2',
    }
    weights = OrderedDict()
    for key, value in backbone.state_dict().items():
        _, stage, kind, *rest = key.split('.')
        stage = int(stage) + 1
        if kind == '0':
            layer = {'projection': 'proj', 'norm': 'norm'}[rest[0]]
            weights[f'patch_embed{stage}.{layer}.{rest[1]}'] = value
        elif kind == '2':
            weights[f'norm{stage}.{rest[0]}'] = value
        else:
            block, layer, parameter = f'block{stage}.{rest[0]}', '.'.join(rest[1:-1]), rest[-1]
            if parameter.startswith('in_proj_'):
                parameter = parameter.removeprefix('in_proj_')
                embed = len(value) // 3
                weights[f'{block}.attn.q.{parameter}'] = value[:embed]
                weights[f'{block}.attn.kv.{parameter}'] = value[embed:]
                continue
            if layer in ('ffn.layers.0', 'ffn.layers.4') and parameter == 'weight':
                value = value[:, :, 0, 0]
            weights[f'{block}.{parts.get(layer, layer)}.{parameter}'] = value
    weights['head.weight'], weights['head.bias'] = torch.ones(1000, 256), torch.ones(1000)
    return weights


@pytest.mark.usefixtures('safe')
class TestMixTransformer:
    @pytest.fixture(scope='class')
    def source(self, build):
        return build(JOINT).backbone

    @pytest.mark.parametrize('names', ['authors', 'mmsegmentation'])
    @pytest.mark.parametrize('wrapped', [True, False])
    def test_both_key_formats_give_the_same_backbone(self, build, source, tmp_path, names, wrapped):
        weights = authors_format(source) if names == 'authors' else source.state_dict()
        torch.save({'state_dict': weights} if wrapped else weights, tmp_path / 'mit_b0.pth')
        backbone = build(
            JOINT, **{'model.backbone.init_cfg.checkpoint': str(tmp_path / 'mit_b0.pth')}
        ).backbone
        backbone.init_weights()
        for key, value in source.state_dict().items():
            assert torch.equal(backbone.state_dict()[key], value), key

    def test_a_missing_layer_is_named(self, build, source, tmp_path):
        weights = authors_format(source)
        del weights['block2.1.mlp.fc2.weight']
        torch.save(weights, tmp_path / 'mit_b0.pth')
        with pytest.raises(
            InputError, match=r'mit_b0\.pth.*layers\.1\.1\.1\.ffn\.layers\.4\.weight'
        ):
            load_checkpoint(build(JOINT).backbone, str(tmp_path / 'mit_b0.pth'))


class Foreign:
    """Harmless, but reading it back the ordinary way makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


class TestForeignCode:
    @pytest.fixture(params=['meta', 'state_dict', 'legacy zip'])
    def foreign(self, request, tmp_path):
        """A checkpoint with a foreign class, and the folder that its code would make."""
        trace, weights = tmp_path / 'code_was_run', {'w': torch.ones(2)}
        checkpoint = {'meta': {'cfg': Foreign(trace)}, 'state_dict': weights}
        if request.param == 'state_dict':
            checkpoint = {'state_dict': {**weights, 'more': Foreign(trace)}}
        torch.save(
            checkpoint,
            tmp_path / 'foreign.pth',
            _use_new_zipfile_serialization=request.param != 'legacy zip',
        )
        yield str(tmp_path / 'foreign.pth'), trace
        assert not trace.exists()

    def test_it_would_run(self, foreign):
        path, trace = foreign
        torch.load(path, weights_only=False)
        assert trace.is_dir()
        trace.rmdir()

    def test_is_refused_by_the_reader(self, foreign):
        with pytest.raises(InputError, match=r'foreign\.pth: refused') as error:
            load_from_file(foreign[0])
        assert not any(word in str(error.value) for word in GUARD)

    @pytest.mark.parametrize('kind', ['script', 'tar', 'pickle', 'array'])
    def test_no_message_says_how_to_switch_the_guard_off(self, tmp_path, kind):
        file = tmp_path / 'foreign.pth'
        if kind == 'script':
            torch.jit.script(torch.nn.Linear(1, 1)).save(file)
        elif kind == 'tar':
            tarfile.open(file, 'w').close()
        elif kind == 'pickle':
            file.write_bytes(pickle.dumps(Foreign(tmp_path / 'trace'), protocol=5))
        else:
            torch.save({'state_dict': {'a': np.zeros(3, object)}}, file)
        with pytest.raises(InputError, match=r'foreign\.pth: (is damaged|refused)') as error:
            load_from_file(file)
        assert not any(word in str(error.value) for word in GUARD)

    @pytest.mark.usefixtures('safe')
    def test_is_refused_by_mmengine(self, foreign):
        with pytest.raises(InputError, match='refused'):
            load_checkpoint(torch.nn.Linear(1, 2), foreign[0])

    @pytest.mark.usefixtures('safe')
    def test_is_refused_as_initial_weights(self, foreign):
        init_default_scope('mmseg')
        fuser = MODELS.build(
            ConfigDict(
                type='TransFuser',
                channels=(2,) * 5,
                heads=(1,) * 4,
                init_cfg=dict(type='Pretrained', checkpoint=foreign[0]),
            )
        )
        with pytest.raises(InputError, match='refused'):
            fuser.init_weights()


class TestBadFiles:
    def test_missing(self, tmp_path):
        with pytest.raises(InputError, match=r'none\.pth: cannot be read \(No such file'):
            load_from_file(tmp_path / 'none.pth')

    def test_folder(self, tmp_path):
        with pytest.raises(InputError, match='cannot be read'):
            load_from_file(tmp_path)

    @pytest.mark.parametrize(
        'content',
        [b'', b'PK', b'not a checkpoint', b'<html>404</html>\n', b'\x80\x02]q\x00.', b'\x80'],
    )
    def test_no_checkpoint(self, tmp_path, content):
        (tmp_path / 'bad.pth').write_bytes(content)
        with pytest.raises(InputError, match=r'bad\.pth'):
            load_from_file(tmp_path / 'bad.pth')

    def test_several_networks(self, tmp_path):
        """As CDDFuse's authors save them: each one's keys begin with its name."""
        networks = {'encoder': {'w': torch.ones(1)}, 'decoder': {'module.w': torch.zeros(1)}}
        torch.save(networks, tmp_path / 'a.pth')
        weights = load_from_file(tmp_path / 'a.pth')['state_dict']
        assert weights == {'encoder.w': 1, 'decoder.module.w': 0}

    @pytest.mark.parametrize(
        'content',
        [
            5,
            None,
            [torch.ones(1)],
            torch.ones(2),
            {},
            {'meta': {}},
            {'state_dict': {}},
            {'state_dict': 5},
            {'state_dict': [torch.ones(1)]},
            {'state_dict': {1: torch.ones(1)}},
            {'model': {'w': torch.ones(1)}},
        ],
    )
    def test_no_weights(self, tmp_path, content):
        torch.save(content, tmp_path / 'bad.pth')
        with pytest.raises(InputError, match=r'bad\.pth: holds no weights'):
            load_from_file(tmp_path / 'bad.pth')

    @pytest.mark.filterwarnings('ignore:Detected pickle protocol')
    @pytest.mark.parametrize('zipped', [True, False])
    def test_damage_never_gives_another_error(self, tmp_path, zipped):
        path, rng = tmp_path / 'bad.pth', np.random.default_rng(0)
        weights = {f'{i}.weight': torch.ones(3, 4) for i in range(4)}
        torch.save({'state_dict': weights}, path, _use_new_zipfile_serialization=zipped)
        whole = path.read_bytes()
        for length in range(0, len(whole) - 30, 29):
            path.write_bytes(whole[:length])
            if not zipped and length > len(whole) - 250:
                break
            with pytest.raises(InputError, match=r'bad\.pth'):
                load_from_file(path)
        for _ in range(200):
            changed = bytearray(whole)
            changed[rng.integers(len(whole))] ^= 1 << rng.integers(8)
            path.write_bytes(changed)
            with contextlib.suppress(InputError):  # a changed number cannot be noticed
                load_from_file(path)


def test_the_released_files_load_by_name(build, golden):
    for kind in (FUSER, JOINT):
        model = build(kind)
        load_checkpoint(model, str(golden / kind))
        stored = rename_legacy(torch.load(golden / kind, weights_only=True)['state_dict'])
        assert all(torch.equal(v, stored[k]) for k, v in model.state_dict().items())
