"""Weights load wholly or not at all."""

from torch import nn

from mmseg_bffr.errors import InputError

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
        source = metadata.get('source', 'the checkpoint')
        raise InputError(f'{source}: does not fit {type(module).__name__} as configured ({found}).')


def refuse_partial_loads(model: nn.Module) -> None:
    """Make any segmenter and its backbone refuse what does not fit, as this project's models do.

    mmengine itself loads what it finds and only logs the rest.
    """
    while hasattr(model, 'module'):  # several processes, test-time augmentation
        model = model.module
    model.register_load_state_dict_pre_hook(require_fit)
    if hasattr(model, 'backbone'):
        model.backbone.register_load_state_dict_pre_hook(require_fit)


def take_fuser(module: nn.Module, state_dict: dict, prefix: str, metadata: dict, *_) -> None:
    """Load-state-dict pre-hook of a fuser: from a joint model's weights take the fuser's."""
    if prefix == '' and any(key.startswith('fuser.') for key in state_dict):
        fuser = {
            key.removeprefix('fuser.'): value
            for key, value in state_dict.items()
            if key.startswith('fuser.')
        }
        state_dict.clear()
        state_dict.update(fuser)
