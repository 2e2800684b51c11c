"""Pictures of results on disk: fused images and label maps, one PNG a pair."""

import os
from collections.abc import Sequence

import mmcv
import numpy as np
from mmseg.structures import SegDataSample

from bffr_runtime.image_io import read_visible, write_png
from bffr_runtime.load_pair import whole_image
from bffr_runtime.results import colour_labels, result_path
from bffr_runtime.rig import Rig


def saved_fused_image(data_sample: SegDataSample) -> np.ndarray:
    """The fused image of a data sample as a PNG holds it: uint8 (H, W, 3), BGR."""
    return np.ascontiguousarray(data_sample.fused.data.permute(1, 2, 0).cpu().numpy())


def save_fused_images(
    data_samples: Sequence[SegDataSample], folder: str | os.PathLike, align: Rig | None = None
) -> None:
    """Write what is kept of each sample's `fused`, see `whole_image`, as a PNG into `folder`."""
    for data_sample in data_samples:
        visible = data_sample.img_path
        fused = whole_image(saved_fused_image(data_sample), visible, align)
        write_png(result_path(folder, visible), fused)


def save_label_maps(
    data_samples: Sequence[SegDataSample],
    folder: str | os.PathLike,
    palette: Sequence[Sequence[int]],
    opacity: float = 1.0,
) -> None:
    """Write each sample's predicted labels, painted, as a PNG into `folder`.

    Args:
        data_samples: With `pred_sem_seg`, and with `fused` where the model fuses.
        folder: Where the PNGs go.
        palette: R, G, B of each label.
        opacity: Of the paint over the fused image (over the visible image where there is none).
    """
    for data_sample in data_samples:
        painted = colour_labels(data_sample.pred_sem_seg.data[0].cpu().numpy(), palette)
        if opacity < 1:
            fused = 'fused' in data_sample
            below = saved_fused_image(data_sample) if fused else read_visible(data_sample.img_path)
            below = mmcv.imresize(below, painted.shape[1::-1])
            painted = np.round(opacity * painted + (1 - opacity) * below).astype(np.uint8)
        write_png(result_path(folder, data_sample.img_path), np.ascontiguousarray(painted))
