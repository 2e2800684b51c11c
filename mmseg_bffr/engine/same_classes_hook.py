"""A checkpoint's classes are those of the data, in their order."""

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from bffr.errors import InputError
from mmseg_bffr.checkpoints import trained_classes


@HOOKS.register_module()
class SameClassesHook(Hook):
    """Compare the classes of a checkpoint with those that its predictions are compared with.

    Args:
        classes: Names in the data's label order.
        trained: Names that count for a checkpoint that has none.
        learns_others: Whether training may go on with other classes, which the log then says; the
            same classes in another order are refused all the same.

    Raises:
        InputError: They are others, or in another order.
    """

    def __init__(
        self, classes: Sequence[str], trained: Sequence[str] = (), learns_others: bool = False
    ):
        self.classes, self.trained, self.learns_others = tuple(classes), trained, learns_others

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare them."""
        found = trained_classes(checkpoint)
        trained = tuple(found['classes'] if found else self.trained)
        if not trained or trained == self.classes:
            return
        sentence = (
            f'{runner._load_from}: was trained on the classes {", ".join(trained)}, but the data '
            f'has {", ".join(self.classes)}'
        )
        if self.learns_others and set(trained) != set(self.classes):
            runner.logger.warning(f'{sentence}; the head starts from the weights of the former.')
            return
        raise InputError(
            f"{sentence}; name the checkpoint's classes, in their order, in the data sets' "
            f'metainfo=dict(classes=...).'
        )
