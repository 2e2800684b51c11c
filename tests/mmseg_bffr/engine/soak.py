"""Kill a training at random moments, resume it each time, compare with one that ran through.

OMP_NUM_THREADS=1 python -m tests.mmseg_bffr.engine.soak [KILLS] [FOLDER]
"""

import hashlib
import random
import sys
import tempfile
import time
from pathlib import Path

from demo.synthetic.dataset import write_synthetic_dataset
from mmseg_bffr.checkpoints import load_from_file
from tests.tiny_configs import write_tiny_configs

from .process import log, start, train
from .states import assert_identical, losses

ITERATIONS = 250
ARGUMENTS = {
    'warm_start': False,
    'seed': 0,
    'cfg_options': (
        'model.fuser.init_cfg=None',
        'model.backbone.embed_dims=8',
        'model.decode_head.in_channels=[8,16,40,64]',
        'val_evaluator.1.metrics=EN,SD',
        f'train_cfg.max_iters={ITERATIONS}',
        'train_cfg.val_interval=25',
        'default_hooks.checkpoint.interval=3',
        'default_hooks.checkpoint.max_keep_ckpts=2',
        'custom_hooks.0.interval=100',
        'log_processor.num_digits=20',
        'train_dataloader.num_workers=2',
    ),
}


def weights_hash(checkpoint: Path) -> str:
    """SHA-256 of a checkpoint's weights."""
    digest = hashlib.sha256()
    for name, value in sorted(load_from_file(checkpoint)['state_dict'].items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


def kill_once(config: Path, folder: Path, rng: random.Random) -> bool:
    """Start the training, kill it at a random moment; False if it was done before that."""
    before = len(log(folder)) if (folder / 'said.txt').exists() else 0
    process = start(config, folder, auto_resume=True, **ARGUMENTS)
    if rng.random() < 0.2:  # anywhere in its start
        time.sleep(rng.uniform(0, 4))
    else:
        while process.is_alive() and (
            not (folder / 'said.txt').exists()
            or 'Checkpoints will be saved' not in log(folder)[before:]
        ):
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 3))
    alive = process.is_alive()
    process.kill()
    process.join()
    return alive


def main(kills: int, folder: Path) -> None:
    """Run both trainings and compare them."""
    write_synthetic_dataset(folder / 'data', pairs=12, size=(48, 64))
    config = write_tiny_configs(Path(__file__).parents[3], folder, folder / 'data')[1]
    rng = random.Random(0)
    killed, through = folder / 'killed', folder / 'through'
    for number in range(1, kills + 1):
        if not kill_once(config, killed, rng):
            sys.exit(f'The training was done before kill {number}; make it longer.')
        at = max((int(path.stem[5:]) for path in killed.glob('iter_*.pth')), default=0)
        partial = ', while a checkpoint was written' if list(killed.glob('.*partial')) else ''
        print(f'kill {number}: last checkpoint {at}{partial}', flush=True)
    assert train(config, killed, timeout=None, auto_resume=True, **ARGUMENTS) == 0
    assert train(config, through, timeout=None, **ARGUMENTS) == 0
    last = f'iter_{ITERATIONS}.pth'
    for name, run in {'killed ': killed, 'through': through}.items():
        print(name, weights_hash(run / last))
    assert_identical(killed / last, through / last)
    assert losses(killed) == losses(through)
    print(
        f'Identical after {kills} kills: weights, optimizer, schedule, {len(losses(killed))} losses'
    )


if __name__ == '__main__':
    words = sys.argv[1:]
    main(
        int(words[0]) if words else 30,
        Path(words[1] if len(words) > 1 else tempfile.mkdtemp(prefix='soak')),
    )
