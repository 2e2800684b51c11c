"""Pictures of every tested pair."""

from mmengine.hooks import Hook
from mmseg.registry import HOOKS

from mmseg_bffr.visualization import save_fused_images, save_label_maps


@HOOKS.register_module()
class SaveFusedImagesHook(Hook):
    """Write the fused image of every tested pair.

    Args:
        folder: Where NAME.png goes.
    """

    def __init__(self, folder: str):
        self.folder = folder

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        """Write the images of one batch."""
        save_fused_images(outputs, self.folder)


@HOOKS.register_module()
class SaveLabelMapsHook(Hook):
    """Write the painted label map of every tested pair.

    Args:
        folder: Where NAME.png goes.
        opacity: Of the paint over the fused image.
    """

    def __init__(self, folder: str, opacity: float = 1.0):
        self.folder = folder
        self.opacity = opacity

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        """Write the label maps of one batch."""
        palette = runner.test_dataloader.dataset.metainfo['palette']
        save_label_maps(outputs, self.folder, palette, self.opacity)
