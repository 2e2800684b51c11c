"""Random numbers of an iteration that do not depend on earlier ones."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from mmseg_bffr.engine.randomness import Purpose, derived_seed, seed_generators


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed all generators from the run's seed, the iteration and the rank before each iteration.

    Dropout and the like then draw the same numbers in a resumed run, whatever validation, data
    loading or a restart did to the generators in between.
    """

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Seed; the batch is loaded already."""
        position = runner.iter, runner.rank
        seed_generators(derived_seed(runner.seed, Purpose.ITERATION, *position))
