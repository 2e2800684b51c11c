"""The Runner of our tools."""

import logging
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from mmengine.dist import is_main_process
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader

from bffr.errors import InputError

_FOR_THE_FILE = (
    '\n' + 60 * '-' + '\nSystem environment',
    'Config:\n',
    'Distributed training is not used',
    'Hooks will be executed in the following order',
    'paramwise_options -- ',
    'The prefix is not set in metric class',
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
    'Exp name: ',
)
"""How messages begin that are hundreds of lines long, or that no user can act on."""

_OF_EACH_FROZEN = ' is skipped since its requires_grad=False'
"""How those end that mmengine has for each parameter that is not trained."""


class FusionRunner(Runner):
    """mmengine's Runner, quiet on the screen and whole after a SIGTERM.

    The log file in the work dir has all that mmengine and the logger `bffr` say; the screen has
    what a user reads.
    Workers of data loaders ignore the SIGTERM that a cluster sends to every process of a job, and
    the SIGINT of Ctrl-C: the trainer needs them to end its iteration. They end when it says so or
    has ended itself.
    Under the config's `compile`, the optimizer's step is left out, which torch.compile breaks on.
    """

    def __init__(self, *args, **kwargs):
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            if is_main_process() and hasattr(self, '_log_dir'):
                shutil.rmtree(self._log_dir, ignore_errors=True)  # of a run that never was
            raise

    def build_logger(self, *args, **kwargs) -> MMLogger:  # noqa: D102
        while MMLogger.check_instance_created(self._experiment_name):  # in the same second
            self._experiment_name += '_'
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(_is_for_the_screen)
        return logger

    def dump_config(self) -> None:
        """Leave the config in the work dir to a training that starts; a test must not change it."""

    def train(self) -> nn.Module:  # noqa: D102
        with self._log_of_bffr():
            return super().train()

    def test(self) -> dict[str, float]:  # noqa: D102
        with self._log_of_bffr():
            return super().test()

    def _init_model_weights(self) -> None:
        try:
            super()._init_model_weights()
        except AssertionError as error:  # nothing in the file begins with `init_cfg.prefix`
            raise InputError(
                f'init_cfg.prefix: {error}; give a file or a prefix that fits.'
            ) from None

    @contextmanager
    def _log_of_bffr(self) -> Iterator[None]:
        """To the file, too; to the screen where nobody listens who could show it."""
        log = logging.getLogger('bffr')
        level, handlers = log.level, self.logger.handlers
        if log.hasHandlers():
            handlers = [each for each in handlers if isinstance(each, logging.FileHandler)]
        for handler in handlers:
            log.addHandler(handler)
        log.setLevel(min(log.getEffectiveLevel(), logging.INFO))
        for sentence in self.cfg.get('overridden', ()):
            self.logger.info(sentence)
        try:
            yield
        finally:
            log.setLevel(level)
            for handler in handlers:
                log.removeHandler(handler)

    @staticmethod
    def build_dataloader(*args, **kwargs) -> DataLoader:  # noqa: D102
        loader = Runner.build_dataloader(*args, **kwargs)
        loader.worker_init_fn = partial(_heed_the_trainer_only, loader.worker_init_fn)
        return loader

    def build_optim_wrapper(self, optim_wrapper: OptimWrapper | dict) -> OptimWrapper:  # noqa: D102
        optim_wrapper = super().build_optim_wrapper(optim_wrapper)
        if self.cfg.get('compile'):
            optim_wrapper.update_params = torch.compiler.disable(optim_wrapper.update_params)
        return optim_wrapper


def _is_for_the_screen(line: logging.LogRecord) -> bool:
    said = line.getMessage()
    return not said.startswith(_FOR_THE_FILE) and not said.endswith(_OF_EACH_FROZEN)


def _heed_the_trainer_only(then: Callable[[int], None] | None, worker: int) -> None:
    if hasattr(signal, 'sigwaitinfo'):  # not on macOS and Windows
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_end_with_the_trainer, daemon=True).start()
    if then is not None:
        then(worker)


def _end_with_the_trainer() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)  # as torch's own workers do
