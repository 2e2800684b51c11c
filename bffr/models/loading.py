"""`bffr.load`: one door to every kind of model."""

import os
from pathlib import Path

from bffr.errors import InputError, UsageError
from bffr.models.device import device_name
from bffr.models.engines import ENGINES
from bffr.models.exported import load_exported
from bffr.models.model import Model
from bffr.models.rules import RULES, RuleEngine
from bffr.models.zoo import all_names, exported_folder, full_name
from bffr.with_torch import with_torch

TORCH = 'torch'
MOST_THREADS = 1024


def load(
    model: str | os.PathLike | None = None,
    checkpoint: str | os.PathLike | None = None,
    *,
    engine: str | None = None,
    device: str | None = None,
    threads: int | None = None,
) -> Model:
    """Load a model.

    A config is a Python program, and it is run. Load only configs that you trust.

    Args:
        model: Name of a model of the zoo (None: the default), folder that `bffr export` wrote,
            name of a rule (`average`, `max`, `laplacian`, `exposure`), or config file.
        checkpoint: The config's checkpoint, which needs torch.
        engine: What runs the model. `onnxruntime` (the default) and `openvino` run exported
            models, `torch` runs the weights of the zoo's models and checkpoints.
        device: ONNX Runtime has `cpu` (default), `cuda`, `tensorrt`, `openvino`, `dml` and
            `coreml`, OpenVINO `cpu` (default), `gpu` and `npu`, torch `cpu` and `cuda:N` (default:
            `cuda`, if there is any). If there are several, add a number: `cuda:1`.
        threads: CPU threads, up to 1,024 (default: one for each core). With torch, the number is
            for the whole process.

    Returns:
        Model: If it runs with torch, start processes with `spawn`; a forked one cannot use it.

    Raises:
        InputError: There is no such model, engine or device; files are damaged or do not fit; or
            something that the model needs is not installed.
    """
    if engine not in (None, TORCH, *ENGINES):
        raise InputError(f'engine {engine}: choose from {", ".join([*ENGINES, TORCH])}.')
    if threads is not None and threads not in range(1, MOST_THREADS + 1):
        raise InputError(f'threads {threads}: must be from 1 to {MOST_THREADS}.')
    for argument, value in (('model', model), ('checkpoint', checkpoint)):
        if not isinstance(value, str | os.PathLike | None):
            raise InputError(f'{argument}: must be a name or a file, not {value!r}.')
    device = device_name(device)
    name = None if model is None else os.fspath(model)
    if checkpoint is not None or (name or '').endswith('.py'):
        if engine not in (None, TORCH):
            raise UsageError(
                f'{model}: a config runs with torch; export it to run it with {engine}.'
            )
        if name is None or checkpoint is None:
            raise UsageError(f'{model or checkpoint}: give both a config and its checkpoint.')
        return _load_by_torch(name, checkpoint, None, device, threads)
    if name in RULES:
        if (engine, device) not in ((None, None), (None, 'cpu')):
            raise UsageError(f'{name}: is a rule; leave out engine and device.')
        return Model(RuleEngine(RULES[name]), _nothing_known())
    if Path(name or '').suffix in ('.onnx', '.json') and not Path(name).is_dir():
        raise InputError(f'{name}: give the folder that `bffr export` wrote, not a file in it.')
    if name not in (None, *all_names()) and (os.sep in name or Path(name).is_dir()):
        if engine == TORCH:
            raise UsageError(f'{name}: is exported, so it runs with {" or ".join(ENGINES)}.')
        return load_exported(name, engine, device, threads)
    if name not in (None, *all_names()):
        names = ', '.join([*all_names(), *RULES])
        raise InputError(f'{name}: is not a model of the zoo, rule or folder; choose from {names}.')
    name = full_name(name)
    folder = exported_folder(name)
    if engine == TORCH or (engine is None and folder is None):
        return _load_by_torch(None, None, name, device, threads)
    if folder is None:
        raise InputError(f'{name}: is not exported yet; `bffr export --model {name}` does so.')
    return load_exported(folder, engine, device, threads)


def _load_by_torch(config, checkpoint, name, device, threads) -> Model:
    return with_torch('apis.inference').load(config, checkpoint, name, device, threads)


def _nothing_known() -> dict:
    return dict(classes=[], palette=[], min_size=1, infrared={}, license='Apache-2.0')
