"""Pictures of results on disk, one PNG a pair: of tests, and now and then during training."""

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from mmseg.structures import SegDataSample

from bffr.images.image_io import read_visible, write_png
from bffr.images.results import colour_labels, draw_boxes, result_path
from bffr.rigs.rig import Rig
from mmseg_bffr.checkpoints import trained_classes


def saved_fused_image(data_sample: SegDataSample) -> np.ndarray:
    """The fused image of a data sample as a PNG holds it: uint8 (H, W, 3), BGR."""
    return np.ascontiguousarray(data_sample.fused.data.permute(1, 2, 0).cpu().numpy())


def save_fused_images(
    data_samples: Sequence[SegDataSample], folder: str | os.PathLike, align: Rig | None = None
) -> None:
    """Write what a rig keeps of each sample's `fused`, see `Rig`, as a PNG into `folder`."""
    for data_sample in data_samples:
        visible = data_sample.img_path
        fused = saved_fused_image(data_sample)
        if align and align.crop == 'visible':
            fused = align.complete(fused, read_visible(visible))
        write_png(result_path(folder, visible), fused)


@HOOKS.register_module()
class FusionResultHook(Hook):
    """Fuse the pairs of `visual_dataloader` into WORK_DIR/fusion_result/ITER/ now and then.

    The weights are those that are being trained, not their mean where an `EMAHook` keeps one.

    Args:
        interval: Iterations between two sets of images; the last iteration makes one too.
    """

    priority = 'LOW'

    def __init__(self, interval: int):
        self.interval = interval

    def before_train(self, runner: Runner) -> None:
        """Build the loader, so that a mistake in it shows before training."""
        self.dataloader = runner.build_dataloader(runner.cfg.visual_dataloader)

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Write the images if it is time; of several processes each writes its share."""
        is_time = self.every_n_train_iters(runner, self.interval)
        if not is_time and not self.is_last_train_iter(runner):
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        fuser = getattr(model, 'fuser', model)
        folder = Path(runner.work_dir, 'fusion_result', str(runner.iter + 1))
        model.eval()
        with torch.no_grad():
            for batch in self.dataloader:
                data = model.data_preprocessor(batch)
                save_fused_images(fuser(**data, mode='predict'), folder)
        model.train()
        runner.logger.info(f'Fused images of this iteration: {folder}')


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
        opacity: Of the paint over the fused image (over the visible image where there is none).
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
        for data_sample in outputs:
            path = data_sample.img_path
            labels = data_sample.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)  # or floats
            painted = colour_labels(labels, self.palette)
            if self.opacity < 1:
                fused = 'fused' in data_sample
                below = saved_fused_image(data_sample) if fused else read_visible(path)
                below = cv2.resize(below, painted.shape[1::-1])
                mixed = self.opacity * painted + (1 - self.opacity) * below
                painted = np.round(mixed).astype(np.uint8)
            write_png(result_path(self.folder, path), np.ascontiguousarray(painted))


@HOOKS.register_module()
class SaveBoxesHook(Hook):
    """Write every tested pair with the boxes that were found, in colours of the model's classes.

    Args:
        folder: Where NAME.png goes.
        classes: Names of the classes, for checkpoints that do not name theirs.
        palette: R, G, B of each.
    """

    def __init__(self, folder: str, classes: Sequence[str], palette: Sequence[Sequence[int]]):
        self.folder, self.classes, self.palette = folder, classes, palette

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Take the classes and colours that the checkpoint was trained for."""
        found = trained_classes(checkpoint)
        if found:
            self.classes, self.palette = found['classes'], found['palette']

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        """Write the images of one batch."""
        for sample in outputs:
            fused = 'fused' in sample
            below = saved_fused_image(sample) if fused else read_visible(sample.img_path)
            below = cv2.resize(below, sample.ori_shape[::-1])
            found = [
                getattr(sample.pred_instances, key).cpu().numpy()
                for key in ('bboxes', 'scores', 'labels')
            ]
            drawn = draw_boxes(below, *found, self.classes, self.palette)
            write_png(result_path(self.folder, sample.img_path), drawn)
