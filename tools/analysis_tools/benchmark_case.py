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
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
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

PRECISIONS = {'fp32': torch.float32, 'fp16': torch.float16, 'bf16': torch.bfloat16}

COPIED = 4  # matrices, more than any cache holds

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


def ways_of(case):
    """What --ways says of a case, in words."""
    return (case.get('ways') or '').split('+')


def precision_of(ways):
    """What torch is to compute in."""
    return next((PRECISIONS[way] for way in ways if way in PRECISIONS), torch.float32)


def varied_case(model, images, ways):
    """Fusing tensors on the device in some of the `ways` of benchmark.py."""
    network = getattr(model, 'fuser', model)
    device = next(model.parameters()).device
    inputs = images.to(device) / 255
    if 'channels-last' in ways:
        network.to(memory_format=torch.channels_last)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    run = torch.compile(network) if 'compile' in ways else network
    function = in_precision(torch.inference_mode()(lambda: run(inputs)), device, ways)
    if 'graph' not in ways:
        return function
    if device.type != 'cuda':
        raise InputError('--ways graph: is of CUDA; leave it out.')
    function()
    torch.cuda.synchronize(device)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def in_precision(function, device, ways):
    """A function that computes in float16 or bfloat16 where a way says so."""
    dtype = precision_of(ways)
    if dtype is torch.float32:
        return function
    return torch.autocast(device.type, dtype, cache_enabled=False)(function)


class BytesMoved(TorchDispatchMode):
    """A context that counts the bytes of what operations take and give: `total`."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        """Run an operation, and count unless it is a view."""
        out = operation(*args, **(kwargs or {}))
        if not operation.is_view:
            tensors = (x for x in tree_leaves((args, kwargs, out)) if isinstance(x, torch.Tensor))
            self.total += sum(tensor.nbytes for tensor in tensors)
        return out


def exported_case(images, folder, engine, device):
    """Fusing with an exported model, and segmenting if it does."""
    import bffr

    model = bffr.load(folder, engine=engine, device=device)
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


def detect_case(model, images):
    """Finding boxes on tensors on the device."""
    inputs = images.to(next(model.parameters()).device) / 255
    return torch.inference_mode()(lambda: model(inputs))


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


def torch_device(case):
    """Where torch computes; beside an exported model, whose own device torch may not know."""
    there, name = torch.cuda.is_available(), case['device'] or 'cuda'
    if case['device'] and not case.get('exported'):
        return torch.device(name)
    name = name.replace('tensorrt', 'cuda')
    return torch.device(name if there and name.startswith('cuda') else 'cpu')


def describe(case):
    """The function to time, and all that is known of it but its time.

    Args:
        case: `config`, `cfg_options`, `mode`, `batch`, `shape`, `device`, `checkpoint`, `ways`,
            `exported`, `engine`.

    Returns:
        tuple: The function, and a dict. GFLOP are counted as computed, multiply and add apart.
            Peak memory is on CUDA that of torch's tensors on the device, on a CPU that of the
            process.
    """
    cfg = load_config(case['config'], case['cfg_options'])
    device = torch_device(case)
    MMLogger.get_current_instance().setLevel('WARNING')  # no line for each parameter
    gflop = model = None
    if case['mode'] == 'data':
        function, pairs = data_case(cfg), SAMPLES
    elif case.get('exported'):
        images, pairs = random_images(1, case['shape']), 1
        function = exported_case(images, case['exported'], case['engine'], case['device'])
    else:
        for part in (cfg.model, *(part for part in cfg.model.values() if isinstance(part, dict))):
            part.pop('init_cfg', None)  # the weights' values do not matter here
        model = init_model(cfg, case['checkpoint'], device)
        images, pairs = random_images(case['batch'], case['shape']), case['batch']
        ways = ways_of(case)
        cases = {'fuse': fuse_case, 'segment': segment_case, 'detect': detect_case}
        if case['mode'] == 'train':
            function = in_precision(train_case(model, images, cfg), device, ways)
        elif case['mode'] == 'fuse' and case.get('ways'):
            function = varied_case(model, images, ways)
        else:
            function = in_precision(cases[case['mode']](model, images), device, ways)
    function()
    if device.type == 'cuda':
        machine = torch.cuda.get_device_name(device)
        peak = torch.cuda.max_memory_allocated(device) if model is not None else None
    else:
        unit = 1 if sys.platform == 'darwin' else 1024
        peak = getrusage and getrusage(RUSAGE_SELF).ru_maxrss * unit
        kept = getrusage and freed_memory_is_kept()
        machine = f'CPU, {torch.get_num_threads()} threads, freed memory kept: {kept}'
    moved = None
    if model is not None and not {'compile', 'graph'}.intersection(ways):
        with FlopCounterMode(display=False) as counter, BytesMoved() as bytes_moved:
            function()
        gflop, moved = counter.get_total_flops() / 1e9, bytes_moved.total / 1e9
        machine += f'; {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters'
    return function, {
        'machine': f'{machine}; torch {torch.__version__}',
        'pairs': pairs,
        'gflop': gflop,
        'moved_gb': moved,
        'peak_gb': peak and peak / 1e9,
        'gemm_gflop': 2 * case['gemm'] ** 3 / 1e9,
        'copied_gb': 2 * 4 * COPIED * case['gemm'] ** 2 / 1e9,
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
    device = torch_device(case)
    dtype = precision_of(ways_of(case))
    size = case['gemm'], case['gemm']
    a, b, out = (torch.rand(size, device=device).to(dtype) for _ in range(3))
    source, target = (torch.zeros(COPIED, *size, device=device) for _ in range(2))
    functions = {
        'run': function,
        'gemm': lambda: torch.mm(a, b, out=out),
        'copy': lambda: target.copy_(source),
    }
    functions['gemm'](), functions['copy']()
    for line in sys.stdin:
        what = line.strip()
        answer = about if what == 'describe' else seconds(functions[what])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == '__main__':
    run(main)
