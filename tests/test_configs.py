"""Every config is named after what it does, builds and keeps mmsegmentation's keys; the two main
ones are the paper's recipe.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS, TRANSFORMS
from torch import nn

from mmseg_bffr.apis.config import has_fuser, is_fuser, load_config
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.engine import CombinedKeysConstructor
from mmseg_bffr.models import CorrelationLoss

FUSER = 'configs/fuser/transfuser6_avg.py'
JOINT = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'
REMOVED = (
    'configs/fuser_segmenters/'
    'transfuser_segformer_mit-b0_removed-classes_1xb4-160k_mfnet-240x320.py'
)
ROOT = Path(__file__).parents[1]
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob('configs/**/*.py'))
CONFIGS = [file for file in FILES if '/_base_/' not in file]
DATASETS = {path.stem for path in ROOT.glob('configs/_base_/datasets/*.py')}
TESTS = [JOINT.replace('.py', f'_{name}.py') for name in ('tno', 'roadscene')]
"""Of the paper's recipe on other data."""
DEMO = 'configs/demo/transfuser_avg_demo.py', 'configs/demo/transfuser_segformer_demo.py'
PHASES = [file for file in CONFIGS if '/zoo/' in file]
FIXED = FUSER, JOINT, *TESTS, *DEMO, *PHASES
"""Named by the method's authors, or after the demo or the phase of a recipe."""
BASELINES = [file for file in CONFIGS if '/segformer/' in file or '/detectors/' in file]
NAME = re.compile(
    r'[a-z][\w-]+_1xb(?P<batch>\d+)-(?P<iterations>[\dk]+)_(?P<data>[a-z\d-]+)-(?P<crop>\d+x\d+)'
)


def load(root, config):
    cfg = load_config(root / config)
    init_default_scope(cfg.default_scope)
    return cfg


NORMALISATIONS = (
    nn.modules.batchnorm._BatchNorm,
    nn.InstanceNorm2d,
    nn.LayerNorm,
    nn.GroupNorm,
)
STAGE_END = re.compile(r'backbone\.layers\.\d\.2\.')
"""Of MixVisionTransformer: decays, as with the authors."""


def decays(model, name):
    """Whether the recipe lets a parameter decay."""
    module, _, _ = name.rpartition('.')
    if 'pos_block' in name or 'relative_position_bias_table' in name:
        return False
    normalises = isinstance(model.get_submodule(module), NORMALISATIONS)
    return not normalises or 'head' in name or STAGE_END.match(name) is not None


def require_rates_and_decays(model, wrapper):
    """Compare every parameter's group with the recipe, and its rate with the config."""
    names, seen = {p: name for name, p in model.named_parameters()}, set()
    for group in build_optim_wrapper(model, wrapper).optimizer.param_groups:
        for name in (names[parameter] for parameter in group['params']):
            part = 'head' if 'head' in name else name.partition('.')[0]
            factor = wrapper.paramwise_cfg.custom_keys.get(part, {}).get('lr_mult', 1)
            assert group['lr'] == pytest.approx(factor * wrapper.optimizer.lr), name
            assert group['weight_decay'] == (0.01 if decays(model, name) else 0), name
            seen.add(name)
    assert seen == {name for name, p in model.named_parameters() if p.requires_grad}


@pytest.fixture
def fuser_cfg(root):
    return load(root, FUSER)


@pytest.fixture
def joint_cfg(root):
    return load(root, JOINT)


@pytest.mark.parametrize('config', CONFIGS)
class TestEveryConfig:
    def test_builds_its_model_and_optimizer(self, root, config):
        cfg = load(root, config)
        model = MODELS.build(cfg.model)
        fuser = '/fuser/' in config or config == DEMO[0]
        kinds = (fuser, not fuser and config not in BASELINES)
        assert config in PHASES or kinds == (is_fuser(cfg.model), has_fuser(cfg.model))
        if not is_fuser(cfg.model):
            assert model.num_classes == len(class_metainfo(cfg)['classes'])
        require_rates_and_decays(model, cfg.optim_wrapper)

    def test_its_pipelines_can_be_built(self, root, config):
        cfg = load(root, config)
        for name in ('train', 'val', 'test'):
            for dataset in base_datasets(cfg[f'{name}_dataloader'].dataset):
                assert dataset.data_root.startswith('data/')
                assert set(dataset.data_prefix) >= {'img_path', 'ir_path'}
                assert [TRANSFORMS.build(step) for step in dataset.pipeline]
                split = dataset.get('ann_file') or dataset.data_root
                assert name != 'train' or split.removesuffix('.txt').endswith('train')
        assert [TRANSFORMS.build(step) for step in cfg.tta_pipeline]

    def test_crops_and_pads_to_one_size(self, root, config):
        cfg = load(root, config)
        (crop,) = {
            tuple(step.crop_size)
            for dataset in base_datasets(cfg.train_dataloader.dataset)
            for step in dataset.pipeline
            if step.type in ('RandomCrop', 'RandomBoxCrop')
        }
        assert crop == tuple(cfg.model.data_preprocessor.size) == tuple(cfg.crop_size)

    def test_saves_and_logs_by_iteration(self, root, config):
        cfg = load(root, config)
        assert cfg.train_cfg.type == 'ResumableTrainLoop'
        assert not cfg.default_hooks.checkpoint.by_epoch
        assert 0 < cfg.default_hooks.checkpoint.interval <= cfg.train_cfg.max_iters
        assert cfg.param_scheduler[-1].end >= cfg.train_cfg.max_iters
        assert cfg.visualizer.vis_backends


class TestNames:
    @pytest.mark.parametrize('config', [file for file in CONFIGS if file not in FIXED])
    def test_says_batch_iterations_data_set_and_crop(self, root, config):
        cfg = load(root, config)
        name = NAME.fullmatch(Path(config).stem)
        assert int(name['batch']) == cfg.train_dataloader.batch_size
        thousands, k, hundreds = name['iterations'].partition('k')
        iterations = int(thousands) * 1000 + int(hundreds or 0) * 100 if k else int(thousands)
        assert iterations == cfg.train_cfg.max_iters
        assert name['data'] in DATASETS
        base = Config.fromfile(root / f'configs/_base_/datasets/{name["data"]}.py')
        assert roots(cfg) == roots(base)
        assert name['crop'] == '{}x{}'.format(*cfg.crop_size)

    @pytest.mark.parametrize('config', TESTS)
    def test_of_a_test_says_its_data_set(self, root, config):
        data = Path(config).stem.rpartition('_')[2]
        assert f'{data}-original' in DATASETS
        assert load(root, config).test_dataloader.dataset.data_root == f'data/{data}'

    def test_no_two_files_say_the_same(self, root):
        said = defaultdict(list)
        for file in set(FILES) - set(PHASES):  # two recipes may share a phase
            said[str(Config.fromfile(root / file).to_dict())].append(file)
        assert [files for files in said.values() if len(files) > 1] == []

    def test_every_first_line_says_what_the_config_is(self, root):
        lines = [(root / config).read_text().splitlines()[0] for config in CONFIGS]
        assert all(re.fullmatch(r'# [A-Z].+\.', line) for line in lines)
        assert len(set(lines)) == len(lines)


def roots(cfg):
    return [dataset.data_root for dataset in base_datasets(cfg.train_dataloader.dataset)]


@pytest.mark.parametrize('config', BASELINES)
@pytest.mark.parametrize('kind', ['visible', 'infrared', 'fused'])
def test_baselines_read_one_kind_of_image(root, monkeypatch, config, kind):
    name = Path(config).stem
    infrared = 'Infrared' if 'fmb' in name else 'ir'
    visible = 'Visible' if 'fmb' in name else 'vi' if 'original' in name else 'vis'
    folder = {'visible': visible, 'infrared': infrared, 'fused': '/results/ours'}[kind]
    monkeypatch.delenv('IMAGES', raising=False)
    if kind != 'visible':
        monkeypatch.setenv('IMAGES', folder)
    cfg = load(root, config)
    for part in ('train', 'val', 'test'):
        prefix = cfg[f'{part}_dataloader'].dataset.data_prefix
        assert (prefix.img_path, prefix.ir_path) == (folder, '')


@pytest.mark.parametrize(
    ('said', 'sizes'),
    [
        ('', dict(size=(48, 64))),
        ('model = dict(data_preprocessor=dict(size=(9, 8)))', dict(size=(9, 8))),
        ('model = dict(data_preprocessor=dict(size_divisor=16))', dict(size_divisor=16)),
    ],
)
def test_a_size_that_the_model_names_counts_more_than_the_crops(root, tmp_path, said, sizes):
    own = tmp_path / 'own.py'
    own.write_text(f'_base_ = {str(root / FUSER)!r}\ncrop_size = (48, 64)\n{said}\n')
    preprocessor = load_config(own).model.data_preprocessor
    assert {key: preprocessor[key] for key in preprocessor if 'size' in key} == sizes


class TestRecipe:
    @pytest.mark.parametrize(
        ('config', 'lr', 'batch', 'iterations'), [(FUSER, 6e-4, 2, 20000), (JOINT, 6e-5, 4, 160000)]
    )
    def test_optimizer_and_schedule(self, root, config, lr, batch, iterations):
        cfg = load(root, config)
        assert cfg.optim_wrapper.optimizer == dict(
            type='AdamW', lr=lr, betas=(0.9, 0.999), weight_decay=0.01
        )
        assert cfg.train_dataloader.batch_size == batch
        assert cfg.train_cfg.max_iters == iterations
        warm_up, decay = cfg.param_scheduler
        assert warm_up == dict(
            type='LinearLR', start_factor=1e-6, by_epoch=False, begin=0, end=1500
        )
        assert decay == dict(
            type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=1500, end=160000
        )

    def test_intervals(self, fuser_cfg, joint_cfg):
        assert fuser_cfg.default_hooks.checkpoint.interval == 1000
        assert joint_cfg.default_hooks.checkpoint.interval == 2000
        assert joint_cfg.default_hooks.checkpoint.save_best == 'mIoU'
        assert joint_cfg.train_cfg.val_interval == 2000
        for cfg in (fuser_cfg, joint_cfg):
            (hook,) = [hook for hook in cfg.custom_hooks if hook.type == 'FusionResultHook']
            assert hook.interval == 2000

    def test_windows(self, joint_cfg):
        test_cfg = joint_cfg.model.test_cfg
        assert test_cfg.mode == 'slide'
        assert (test_cfg.crop_size, test_cfg.stride) == ((240, 320), (120, 160))

    def test_losses(self, fuser_cfg, joint_cfg):
        assert fuser_cfg.model.loss == dict(type='AverageFusionLoss')
        assert joint_cfg.model.fusion_loss == dict(type='CorrelationLoss', loss_weight=0.001)
        joint_cfg.merge_from_dict({'model.fusion_loss': None})
        assert MODELS.build(joint_cfg.model).fusion_loss is None

    def test_initial_weights(self, joint_cfg):
        model = joint_cfg.model
        assert model.fuser.init_cfg == dict(type='Pretrained', checkpoint='pretrain/avg_fuser.pth')
        assert model.backbone.init_cfg == dict(type='Pretrained', checkpoint='pretrain/mit_b0.pth')

    def test_values_become_0_to_1_and_stay_bgr(self, joint_cfg):
        preprocessor = MODELS.build(joint_cfg.model.data_preprocessor)
        image = torch.randint(256, (4, 8, 8), dtype=torch.uint8)
        inputs = preprocessor({'inputs': [image]})['inputs']
        torch.testing.assert_close(inputs, image[None] / 255)

    def test_train_pipeline(self, joint_cfg):
        steps = {step.type: step for step in joint_cfg.train_dataloader.dataset.pipeline}
        assert steps['RandomResize'] == dict(
            type='RandomResize', scale=(640, 480), ratio_range=(0.5, 2.0), keep_ratio=True
        )
        assert steps['RandomCrop'] == dict(
            type='RandomCrop', crop_size=(240, 320), cat_max_ratio=0.75
        )
        assert steps['RandomFlip'].prob == 0.5
        distortion = TRANSFORMS.build(steps['PairPhotoMetricDistortion'])
        assert distortion.brightness_delta == 32
        assert distortion.hue_delta == 18
        assert (distortion.contrast_lower, distortion.contrast_upper) == (0.5, 1.5)
        assert (distortion.saturation_lower, distortion.saturation_upper) == (0.5, 1.5)

    def test_parameter_groups(self, joint_cfg):
        model = MODELS.build(joint_cfg.model)
        groups = build_optim_wrapper(model, joint_cfg.optim_wrapper).optimizer.param_groups
        names = {id(p): name for name, p in model.named_parameters()}
        seen = set()
        for group in groups:
            for parameter in group['params']:
                name = names[id(parameter)]
                seen.add(name)
                in_head = 'head' in name
                assert group['lr'] == pytest.approx(6e-4 if in_head else 6e-5), name
                normalises = 'norm' in name and not in_head
                assert group['weight_decay'] == (0 if normalises else 0.01), name
        assert seen == set(names.values())


def test_keys_are_combined_and_other_rules_stay():
    model = nn.ModuleDict(
        dict(A_B=nn.Linear(1, 1), A_C=nn.BatchNorm1d(1), D_B=nn.Linear(1, 1), E=nn.BatchNorm1d(1))
    )
    keys = dict(A=dict(lr_mult=2), A_B=dict(lr_mult=3), B=dict(decay_mult=4), D=dict(decay_mult=5))
    wrapper = CombinedKeysConstructor(
        dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=1.0)),
        dict(norm_decay_mult=6, bias_lr_mult=7, custom_keys=dict(keys, E=dict(decay_mult=8))),
    )(model)
    names = {parameter: name for name, parameter in model.named_parameters()}
    groups = wrapper.optimizer.param_groups
    assert {names[g['params'][0]]: (g['lr'], g['weight_decay']) for g in groups} == {
        'A_B.weight': (3, 4),
        'A_B.bias': (3, 4),
        'A_C.weight': (2, 6),
        'A_C.bias': (2, 6),
        'D_B.weight': (1, 4),
        'D_B.bias': (7, 4),
        'E.weight': (1, 8),
        'E.bias': (1, 8),
    }


def test_removed_classes_config_differs_in_the_training_labels_only(root, joint_cfg):
    removed = load(root, REMOVED)
    assert removed.train_dataloader.dataset.pop('removed_classes')
    assert removed.model == joint_cfg.model
    for name in ('train', 'val', 'test'):
        assert removed[f'{name}_dataloader'] == joint_cfg[f'{name}_dataloader']


@pytest.mark.parametrize('name', ['tno', 'roadscene'])
def test_pairs_without_labels_are_fused_at_native_size(root, name):
    dataset = load(root, JOINT.replace('.py', f'_{name}.py')).test_dataloader.dataset
    assert dataset.type == 'FusionDataset'
    assert dataset.data_root == f'data/{name}'
    assert not any('Resize' in step.type for step in dataset.pipeline)


@pytest.mark.parametrize('weight', [None, 0.5])
def test_correlation_loss_by_cfg_options(root, weight):
    option = 'model.fusion_loss=None' if weight is None else 'model.fusion_loss.loss_weight=0.5'
    cfg = load_config(root / JOINT, [option])
    loss = MODELS.build(cfg.model).fusion_loss
    assert loss is None if weight is None else isinstance(loss, CorrelationLoss)
    assert weight is None or loss.loss_weight == weight
