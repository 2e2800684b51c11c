"""The page: the pair on the left, a tab for what is done with it on the right."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import gradio as gr

from bffr.images.matching import IMAGE_SUFFIXES
from bffr.models.loading import TORCH, load
from bffr.models.model import Model
from bffr.models.rules import RULES
from bffr.models.zoo import exported_folder, zoo_names
from bffr.web.align_tab import align_tab
from bffr.web.fuse_tab import fuse_tab
from bffr.web.uploads import RANGES

EXAMPLES = Path(__file__).parent / 'examples'  # drawn by demo/synthetic, 320 x 240 pixels
_KEPT_SECONDS = 3600  # that files stay
_HEAD = """# Fuse a visible and an infrared image

Give two images, or take a drawn example, and press **Fuse**. If edges are double in the fused
image, the two do not show the same things at the same pixels: go to **Align** first."""


def make_page(
    models: Sequence[str], engine: str | None, device: str | None, max_pixels: int
) -> gr.Blocks:
    """Build the page.

    Args:
        models: Folders of exported models, offered before the zoo's.
        engine, device: Of the models, see `bffr.load`.
        max_pixels: Of an image.
    """
    zoo = [name for name in zoo_names() if engine == TORCH or exported_folder(name)]
    names = [*models, *zoo, *RULES]

    @lru_cache
    def load_once(name: str) -> Model:
        return load(name) if name in RULES else load(name, engine=engine, device=device)

    for name in models or names[:1]:  # which tells at once of what is not there
        load_once(name)

    with gr.Blocks(title='BFFR', delete_cache=(_KEPT_SECONDS, _KEPT_SECONDS)) as page:
        gr.Markdown(_HEAD)
        rig = gr.File(label='rig.json', file_types=['.json'], height=140, render=False)
        with gr.Row():
            with gr.Column(scale=1):
                pair, scale = _inputs()
            with gr.Column(scale=3):
                with gr.Tab('Fuse'):
                    fuse_tab(pair, scale, rig, names, load_once, max_pixels)
                with gr.Tab('Align'):
                    align_tab(pair, scale, rig, max_pixels)
    return page


def _inputs() -> tuple[list[gr.File], list[gr.Radio | gr.Number]]:
    """The pair, and how its infrared values become 0..255: kind, low and high."""
    pair = [
        gr.File(label=label, file_types=[*IMAGE_SUFFIXES], height=140)
        for label in ('Visible', 'Infrared')
    ]
    gr.Examples(
        [
            [str(EXAMPLES / f'{time}_{source}.png') for source in ('visible', 'infrared')]
            for time in ('day', 'night')
        ],
        pair,
        label='Drawn examples; masks are poor on them, as the model learned photographs',
        example_labels=['Day', 'Night'],
        cache_examples=False,
    )
    kind = gr.Radio(RANGES, value=RANGES[0], label='Infrared range')
    with gr.Row():
        low, high = (
            gr.Number(1, label='Low', min_width=80),
            gr.Number(99, label='High', min_width=80),
        )
    return pair, [kind, low, high]
