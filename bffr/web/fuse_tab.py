"""The tab that fuses: a slider over the images, labels, metrics, files to download."""

import time
from functools import lru_cache

import cv2
import gradio as gr
import numpy as np
import torch
from bffr.evaluation import LOWER_IS_BETTER, evaluate_images
from torch import nn

from bffr.fusing.fuse_options import STRETCHES
from bffr.images.image_io import write_png
from bffr.images.results import colour_labels
from bffr.images.stretch import to_8_bit
from bffr.models.rules import CLASSICAL_METHODS
from bffr.web.uploads import new_folder, read_pair, with_sentences
from mmseg_bffr.apis import init_model
from mmseg_bffr.apis.inference import fuse_unclamped_and_segment
from mmseg_bffr.apis.torch_engine import pair_model
from mmseg_bffr.apis.zoo import zoo_names
from mmseg_bffr.models import FuserSegmenter

_OPACITY = 0.5  # of labels over the fused image
_SOURCES = 'visible', 'infrared'


def fuse_tab(
    pair: list[gr.File],
    scale: list[gr.Radio | gr.Number],
    rig: gr.File,
    device: torch.device,
    max_pixels: int,
) -> None:
    """Fill the tab.

    Args:
        pair, scale, rig: See `read_pair`.
        device: Of the models.
        max_pixels: Of an image.
    """

    @with_sentences
    def fuse(vis, ir, kind, low, high, rig, name, stretch, beside):
        pair = read_pair(vis, ir, (kind, low, high), rig, max_pixels)
        model = _load(name, device)
        start = time.perf_counter()
        fused, labels = _fuse_and_segment(model, pair, stretch)
        seconds = time.perf_counter() - start
        files = _write_images(fused=fused, visible=pair[..., :3], infrared=pair[..., 3])
        overlay = gr.AnnotatedImage(visible=False)
        if labels is not None:
            files += _write_images(labels=colour_labels(labels, model.dataset_meta['palette']))
            overlay = _overlay(files[0], labels, model.dataset_meta)
        height, width = fused.shape[:2]
        said = f'{name}: {width} x {height} pixels in {seconds:.2f} s on {device}'
        said += ', aligned by rig.json' if rig else ''
        return compare(files, beside), said, overlay, files, _metrics(fused, pair)

    def compare(files, beside):
        return (files[1 + _SOURCES.index(beside)], files[0]) if files else None

    names = zoo_names()
    with gr.Row():
        name = gr.Dropdown([*names, *CLASSICAL_METHODS], value=names[0], label='Model or rule')
        stretch = gr.Radio(['image', 'none'], value='image', label='Stretch of the result')
        beside = gr.Radio(_SOURCES, value=_SOURCES[0], label='Beside the fused image')
    button = gr.Button('Fuse', variant='primary')
    slider = gr.ImageSlider(label='Fused on the right', interactive=False, buttons=['fullscreen'])
    said = gr.Markdown()
    overlay = gr.AnnotatedImage(label='Labels', height=500, visible=False)
    with gr.Row():
        files = gr.File(label='PNG files', file_count='multiple', interactive=False)
        metrics = gr.Dataframe(headers=['metric', 'value', 'better'], label='Metrics')
    button.click(
        fuse, [*pair, *scale, rig, name, stretch, beside], [slider, said, overlay, files, metrics]
    )
    beside.change(compare, [files, beside], slider)


@lru_cache
def _load(name: str, device: torch.device) -> nn.Module | str:
    """A model of the zoo, or the name of a classical rule as it is."""
    return name if name in CLASSICAL_METHODS else init_model(model=name, device=device)


def _fuse_and_segment(
    model: nn.Module | str, pair: np.ndarray, stretch: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """The fused image, uint8 (H, W, 3), BGR, and labels, uint8 (H, W), if the model segments."""
    labels = None
    if isinstance(model, FuserSegmenter):
        fused, labels = fuse_unclamped_and_segment(model, pair)
    else:
        fused = pair_model(model).fuse_unclamped(pair)
    return to_8_bit(fused, *STRETCHES[stretch]()(fused)), labels


def _write_images(**images: np.ndarray) -> list[str]:
    folder = new_folder()
    for name, image in images.items():
        write_png(folder / f'{name}.png', image)
    return [str(folder / f'{name}.png') for name in images]


def _overlay(fused_file: str, labels: np.ndarray, metainfo: dict) -> gr.AnnotatedImage:
    """Labels over the fused image and a legend of those that occur; black ones are not painted."""
    classes = zip(metainfo['classes'], metainfo['palette'], strict=True)
    masks, colours = [], {}
    for number, (name, colour) in enumerate(classes):
        if any(colour) and (labels == number).any():
            masks.append((_OPACITY * (labels == number), name))
            colours[name] = '#{:02x}{:02x}{:02x}'.format(*colour)
    return gr.AnnotatedImage((fused_file, masks), color_map=colours, visible=True)


def _metrics(fused: np.ndarray, pair: np.ndarray) -> list[list[str]]:
    """Name, value, and which values are better, of each metric of the protocol `project`."""
    lumas = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in (fused, pair[..., :3]))
    values = evaluate_images(*lumas, pair[..., 3])
    return [
        [name, f'{value:.3f}', 'lower' if name in LOWER_IS_BETTER else 'higher']
        for name, value in values.items()
    ]
