"""One case of benchmark.py, in a process of its own, with whatever checkout is imported.

Of the package it uses only what has long been there, so that it measures old commits too.
"""

import copy
import itertools
import json
import os
import sys

import cv2
import numpy as np
import torch
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.registry import DATASETS
from mmseg.structures import SegDataSample
from torch.utils.benchmark import timer
from torch.utils.flop_counter import FlopCounterMode

from bffr.commands.run import run
from bffr.errors import InputError
from mmseg_bffr.apis import fuse, init_model
from mmseg_bffr.apis.config import load_config

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # Windows
    getrusage = None

SAMPLES = 32
"""Of the data set, in a call: enough that the random sizes average out."""


def random_images(batch, shape):
    """Random pairs, uint8 (batch, 4, H, W)."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (batch, 4, *shape), dtype=torch.uint8, generator=generator)


def as_arrays(image):
    """Visible (H, W, 3) and infrared (H, W) of a pair (4, H, W)."""
    pair = image.permute(1, 2, 0).numpy()
    return map(np.ascontiguousarray, (pair[..., :3], pair[..., 3]))


def fuse_case(model, images):
    """Fusing with the Python API; a batch, with the network that is behind it."""
    if len(images) == 1:
        vis, ir = as_arrays(images[0])
        return lambda: fuse(model, vis, ir)
    inputs = images.to(next(model.parameters()).device) / 255
    return torch.inference_mode()(lambda: getattr(model, 'fuser', model)(inputs))


def exported_case(images, folder, engine):
    """Fusing with an exported model, and segmenting if it does."""
    import bffr

    model = bffr.load(folder, engine=engine)
    vis, ir = as_arrays(images[0])
    if model.classes:
        return lambda: model.fuse_and_segment(vis, ir)
    return lambda: model.fuse(vis, ir)


def segment_case(model, images):
    """Testing a joint model as `test_cfg` says."""
    if not hasattr(model, 'decode_head'):
        raise InputError('--mode segment needs the config of a joint model.')
    model.test_cfg['with_fused'] = False
    shape = tuple(images.shape[2:])
    sample = SegDataSample(metainfo=dict(ori_shape=shape, img_shape=shape, pad_shape=shape))
    data = dict(inputs=list(images), data_samples=[sample] * len(images))
    return torch.no_grad()(lambda: model.test_step(copy.deepcopy(data)))


def train_case(model, images, cfg):
    """One iteration of the config's training."""
    model.train()
    optim_wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    shape = tuple(images.shape[2:])
    model.data_preprocessor.size = shape
    samples = [
        SegDataSample(gt_sem_seg=PixelData(data=torch.randint(0, 9, (1, *shape)))) for _ in images
    ]
    data = dict(inputs=list(images), data_samples=samples)
    return lambda: model.train_step(copy.deepcopy(data), optim_wrapper)


def data_case(cfg):
    """SAMPLES samples of the training set, as one worker of a data loader makes them."""
    cv2.setNumThreads(0)  # as in mmengine's workers
    torch.set_num_threads(1)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    indices = itertools.cycle(range(len(dataset)))
    return lambda: [dataset[index] for index in itertools.islice(indices, SAMPLES)]


def freed_memory_is_kept():
    """Whether freed memory is used again: filling 64 MiB then faults no pages.

    Not at first: glibc needs up to ten aligned blocks of a size until one fits where one was.
    """
    for _ in range(16):
        before = getrusage(RUSAGE_SELF).ru_minflt
        torch.ones(2**26, dtype=torch.uint8)
    return getrusage(RUSAGE_SELF).ru_minflt - before < 16  # huge pages would be 32


def describe(case):
    """The function to time, and all that is known of it but its time.

    Args:
        case: `config`, `cfg_options`, `mode`, `batch`, `shape`, `device`, `checkpoint`, `exported`,
            `engine`.

    Returns:
        tuple: The function, and a dict. GFLOP are counted as computed, multiply and add apart.
            Peak memory is on CUDA that of tensors on the device, on a CPU that of the process.
    """
    cfg = load_config(case['config'], case['cfg_options'])
    device = torch.device(case['device'] or ('cuda' if torch.cuda.is_available() else 'cpu'))
    MMLogger.get_current_instance().setLevel('WARNING')  # no line for each parameter
    gflop = model = None
    if case['mode'] == 'data':
        function, pairs = data_case(cfg), SAMPLES
    elif case.get('exported'):
        images, pairs = random_images(1, case['shape']), 1
        function = exported_case(images, case['exported'], case['engine'])
    else:
        for part in (cfg.model, *(part for part in cfg.model.values() if isinstance(part, dict))):
            part.pop('init_cfg', None)  # the weights' values do not matter here
        model = init_model(cfg, case['checkpoint'], device)
        images, pairs = random_images(case['batch'], case['shape']), case['batch']
        if case['mode'] == 'train':
            function = train_case(model, images, cfg)
        else:
            function = {'fuse': fuse_case, 'segment': segment_case}[case['mode']](model, images)
    function()
    if device.type == 'cuda':
        peak, machine = torch.cuda.max_memory_allocated(device), torch.cuda.get_device_name(device)
    else:
        unit = 1 if sys.platform == 'darwin' else 1024
        peak = getrusage and getrusage(RUSAGE_SELF).ru_maxrss * unit
        kept = getrusage and freed_memory_is_kept()
        machine = f'CPU, {torch.get_num_threads()} threads, freed memory kept: {kept}'
    if model is not None:
        with FlopCounterMode(display=False) as counter:
            function()
        gflop = counter.get_total_flops() / 1e9
        machine += f'; {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters'
    return function, {
        'machine': f'{machine}; torch {torch.__version__}',
        'pairs': pairs,
        'gflop': gflop,
        'peak_gb': peak and peak / 1e9,
        'gemm_gflop': 2 * case['gemm'] ** 3 / 1e9,
    }


def seconds(function):
    """Seconds that a call takes, until the device has done its work."""
    start = timer()
    function()
    return timer() - start


def main():
    """Describe the case that the command line says; then answer what is asked, line by line."""
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # whatever else is printed
    case = json.loads(sys.argv[1])
    function, about = describe(case)
    device = case['device'] or ('cuda' if torch.cuda.is_available() else 'cpu')
    a, b, out = (torch.rand(case['gemm'], case['gemm'], device=device) for _ in range(3))
    functions = {'run': function, 'gemm': lambda: torch.mm(a, b, out=out)}
    functions['gemm']()
    for line in sys.stdin:
        what = line.strip()
        answer = about if what == 'describe' else seconds(functions[what])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == '__main__':
    run(main)
