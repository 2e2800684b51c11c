"""The tab that fuses: a slider over the images, labels, metrics, files to download."""

import time
from collections.abc import Callable

import cv2
import gradio as gr
import numpy as np

from bffr.evaluation import LOWER_IS_BETTER, evaluate_images
from bffr.images.image_io import write_png
from bffr.images.pair import Pair
from bffr.images.results import colour_labels, draw_boxes
from bffr.images.stretch import STRETCHES, to_8_bit
from bffr.models.model import Model
from bffr.web.uploads import new_folder, read_upload, with_sentences

_OPACITY = 0.5  # of labels over the fused image
_SOURCES = 'visible', 'infrared'


def fuse_tab(
    pair: list[gr.File],
    scale: list[gr.Radio | gr.Number],
    rig: gr.File,
    names: list[str],
    load: Callable[[str], Model],
    max_pixels: int,
) -> None:
    """Fill the tab.

    Args:
        pair, scale, rig: See `read_upload`.
        names: Of models and rules, the default first.
        load: Loads one of them.
        max_pixels: Of an image.
    """

    @with_sentences
    def fuse(vis, ir, kind, low, high, rig, name, stretch, beside):
        pair = read_upload(vis, ir, (kind, low, high), rig, max_pixels)
        model = load(name)
        start = time.perf_counter()
        fused, found = model.run(pair, find=bool(model.finds))
        fused = pair.complete(to_8_bit(fused, *STRETCHES[stretch]()(fused)))
        seconds = time.perf_counter() - start
        files = _write_images(fused=fused, visible=pair.visible, infrared=pair.infrared)
        overlay = gr.AnnotatedImage(visible=False)
        if model.finds == 'boxes':
            drawn = draw_boxes(fused, *found, model.classes, model.palette)
            files += _write_images(boxes=drawn)
            overlay = gr.AnnotatedImage((files[-1], []), label='Boxes', visible=True)
        elif found is not None:
            labels = pair.complete_labels(found)
            files += _write_images(labels=colour_labels(labels, model.palette))
            overlay = _overlay(files[0], labels, model)
        height, width = fused.shape[:2]
        said = f'{name}: {width} x {height} pixels in {seconds:.2f} s'
        said += ', aligned by rig.json' if rig else ''
        return compare(files, beside), said, overlay, files, _metrics(fused, pair)

    def compare(files, beside):
        return (files[1 + _SOURCES.index(beside)], files[0]) if files else None

    with gr.Row():
        name = gr.Dropdown(names, value=names[0], label='Model or rule')
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


def _write_images(**images: np.ndarray) -> list[str]:
    folder = new_folder()
    for name, image in images.items():
        write_png(folder / f'{name}.png', image)
    return [str(folder / f'{name}.png') for name in images]


def _overlay(fused_file: str, labels: np.ndarray, model: Model) -> gr.AnnotatedImage:
    """Labels over the fused image and a legend of those that occur; black ones are not painted."""
    classes = zip(model.classes, model.palette, strict=True)
    masks, colours = [], {}
    for number, (name, colour) in enumerate(classes):
        if any(colour) and (labels == number).any():
            masks.append((_OPACITY * (labels == number), name))
            colours[name] = '#{:02x}{:02x}{:02x}'.format(*colour)
    return gr.AnnotatedImage((fused_file, masks), color_map=colours, visible=True)


def _metrics(fused: np.ndarray, pair: Pair) -> list[list[str]]:
    """Name, value, and which values are better, of each metric of the protocol `project`."""
    lumas = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in (fused, pair.visible))
    values = evaluate_images(*lumas, pair.infrared)
    return [
        [name, f'{value:.3f}', 'lower' if name in LOWER_IS_BETTER else 'higher']
        for name, value in values.items()
    ]
