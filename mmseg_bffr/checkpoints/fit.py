"""Weights load wholly or not at all."""

from mmengine.logging import print_log
from mmseg.models.backbones import SwinTransformer
from torch import nn

from bffr.errors import InputError
from mmseg_bffr.checkpoints.other_names import current_names

_SHOWN = 5


def require_fit(module: nn.Module, state_dict: dict, prefix: str, metadata: dict, *_) -> None:
    """Load-state-dict pre-hook: refuse weights that do not fit `module` in every key and shape.

    Counters of BatchNorm (`num_batches_tracked`) may be missing.

    Raises:
        InputError: Names the file, where it is known, and the keys.
    """
    wanted = {f'{prefix}{name}': tensor for name, tensor in module.state_dict().items()}
    given = {key: value for key, value in state_dict.items() if key.startswith(prefix)}
    problems = {
        'missing': [
            key for key in wanted if key not in given and not key.endswith('num_batches_tracked')
        ],
        'left over': [key for key in given if key not in wanted],
        'of another shape': [
            f'{key} {tuple(given[key].shape)} instead of {tuple(tensor.shape)}'
            for key, tensor in wanted.items()
            if key in given and given[key].shape != tensor.shape
        ],
    }
    found = '; '.join(
        f'{len(keys)} {kind}: {", ".join(keys[:_SHOWN])}{", ..." if len(keys) > _SHOWN else ""}'
        for kind, keys in problems.items()
        if keys
    )
    if found:
        own = getattr(module, 'init_cfg', None)  # which takes a part of its file
        named = own.get('checkpoint') if isinstance(own, dict) else None
        source = metadata.get('source') or named or 'the checkpoint'
        raise InputError(f'{source}: does not fit {type(module).__name__} as configured ({found}).')


def rename_weights(module: nn.Module, state_dict: dict, *_) -> None:
    """Load-state-dict pre-hook: current names, whoever read the file; see `load_from_file`."""
    renamed = current_names(state_dict)
    state_dict.clear()
    state_dict.update(renamed)


def drop_foreign_modules(module: nn.Module, state_dict: dict, prefix: str, *_) -> None:
    """Load-state-dict pre-hook of a backbone: drop the classifier that it was trained with.

    That is every outermost module that the backbone does not have; the log names them.
    """
    own = {name.partition('.')[0] for name in module.state_dict()}
    foreign = {
        key: name
        for key in state_dict
        if key.startswith(prefix)
        and (name := key.removeprefix(prefix).partition('.')[0]) not in own
    }
    for key in foreign:
        del state_dict[key]
    if foreign:
        names = ', '.join(sorted(set(foreign.values())))
        print_log(f'Weights of {names} dropped: {type(module).__name__} has none.', 'current')


def take_swin_classifier(module: nn.Module, state_dict: dict, prefix: str, *_) -> None:
    """Load-state-dict pre-hook of a Swin Transformer: from a classifier's weights take its own.

    A classifier has one normalisation at its end, which stands for those of the outputs: they stay
    as they are. Its masks of shifted windows are computed here.
    """
    if not isinstance(module, SwinTransformer) or f'{prefix}norm.weight' not in state_dict:
        return
    for key in [key for key in state_dict if key.endswith('.attn_mask')]:
        del state_dict[key]
    for index in module.out_indices:
        for name, value in getattr(module, f'norm{index}').state_dict().items():
            state_dict[f'{prefix}norm{index}.{name}'] = value


def require_backbone_fit(backbone: nn.Module) -> None:
    """Make a backbone refuse weights that do not fit it; ImageNet classifiers are dropped."""
    for hook in (rename_weights, take_swin_classifier, drop_foreign_modules, require_fit):
        backbone.register_load_state_dict_pre_hook(hook)


def refuse_partial_loads(model: nn.Module) -> None:
    """Make any segmenter, and each of its parts that starts from a file, refuse what does not fit.

    mmengine itself loads what it finds and only logs the rest.
    """
    while hasattr(model, 'module'):  # several processes, test-time augmentation
        model = model.module
    model.register_load_state_dict_pre_hook(require_fit)
    backbone = getattr(model, 'backbone', None)
    if backbone is not None:
        require_backbone_fit(backbone)
    for part in model.modules():
        init_cfg = getattr(part, 'init_cfg', None) or ()
        each = [init_cfg] if isinstance(init_cfg, dict) else init_cfg
        starts_from_file = any(one['type'] == 'Pretrained' for one in each)
        if starts_from_file and part not in (model, backbone):
            part.register_load_state_dict_pre_hook(require_fit)


def take_fuser(module: nn.Module, state_dict: dict, prefix: str, metadata: dict, *_) -> None:
    """Load-state-dict pre-hook of a fuser: from a joint model's weights take the fuser's."""
    fuser = {k.removeprefix('fuser.'): v for k, v in state_dict.items() if k.startswith('fuser.')}
    if prefix == '' and fuser:
        state_dict.clear()
        state_dict.update(fuser)
