"""Pictures of every tested pair."""

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmseg.registry import HOOKS

from bffr_runtime.rig import Rig
from mmseg_bffr.checkpoints import trained_classes
from mmseg_bffr.visualization import save_fused_images, save_label_maps


@HOOKS.register_module()
class SaveFusedImagesHook(Hook):
    """Write the fused image of every tested pair.

    Args:
        folder: Where NAME.png goes.
        align: `rig.json` of the pairs, of which then the overlap is fused.
        crop: What is kept, see `Rig`.
    """

    def __init__(self, folder: str, align: str | None = None, crop: str = 'visible'):
        self.folder = folder
        self.rig = Rig.read(align, crop) if align else None

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        """Write the images of one batch."""
        save_fused_images(outputs, self.folder, self.rig)


@HOOKS.register_module()
class SaveLabelMapsHook(Hook):
    """Write the painted label map of every tested pair, in the colours of the model's classes.

    Args:
        folder: Where NAME.png goes.
        palette: R, G, B of each class, for checkpoints that do not name theirs.
        opacity: Of the paint over the fused image.
    """

    def __init__(self, folder: str, palette: Sequence[Sequence[int]], opacity: float = 1.0):
        self.folder = folder
        self.palette = palette
        self.opacity = opacity

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Take the colours of the classes that the checkpoint was trained for."""
        classes = trained_classes(checkpoint)
        if classes:
            self.palette = classes['palette']

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        """Write the label maps of one batch."""
        save_label_maps(outputs, self.folder, self.palette, self.opacity)
