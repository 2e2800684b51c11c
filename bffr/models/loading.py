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

    A config in Python is code that is run, so take only configs that you trust.

    Args:
        model: Name of a model of the zoo (None: its default), a folder that `bffr export` wrote,
            name of a rule (`average`, `max`, `laplacian`, `exposure`), or a config file.
        checkpoint: Of the config, which then runs by torch.
        engine: `onnxruntime` (default) or `openvino`, of exported models, or `torch`, which takes
            a zoo model's weights.
        device: Of ONNX Runtime `cpu` (default), `cuda`, `tensorrt`, `openvino`, `dml` or `coreml`;
            of OpenVINO `cpu` (default), `gpu`, `npu`; of torch `cpu` or `cuda:N` (default: `cuda`,
            if there is any). With a number where there are several: `cuda:1`.
        threads: On a CPU, up to 1,024; by default one a core. Torch has one number for the whole
            process.

    Returns:
        Model: A process that was forked after torch computed cannot use models that run by it:
        start processes by `spawn`.

    Raises:
        InputError: There is no such model, engine or device, files are damaged or do not fit, or
            what the model needs is not installed.
    """
    if engine not in (None, TORCH, *ENGINES):
        raise InputError(f'engine {engine}: choose from {", ".join([*ENGINES, TORCH])}.')
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise InputError(f'threads {threads}: must be from 1 to {MOST_THREADS}.')
    device = device_name(device)
    name = None if model is None else os.fspath(model)
    if checkpoint is not None or (name or '').endswith('.py'):
        if engine not in (None, TORCH):
            raise UsageError(f'{model}: a config runs by torch; export it to run by {engine}.')
        if name is None or checkpoint is None:
            raise UsageError(f'{model or checkpoint}: a config and its checkpoint belong together.')
        return _load_by_torch(name, checkpoint, None, device, threads)
    if name in RULES:
        if (engine, device) not in ((None, None), (None, 'cpu')):
            raise UsageError(f'{name}: is a rule; leave out engine and device.')
        return Model(RuleEngine(RULES[name]), _nothing_known())
    if Path(name or '').suffix in ('.onnx', '.json') and not Path(name).is_dir():
        raise InputError(f'{name}: give the folder that `bffr export` wrote, not a file in it.')
    if name not in (None, *all_names()) and (os.sep in name or Path(name).is_dir()):
        if engine == TORCH:
            raise UsageError(f'{name}: is exported, so it runs by {" or ".join(ENGINES)}.')
        return load_exported(name, engine, device, threads)
    if name not in (None, *all_names()):
        names = ', '.join([*all_names(), *RULES])
        raise InputError(f'{name}: is no model of the zoo, rule or folder; choose from {names}.')
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
