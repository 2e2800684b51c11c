"""Fusing files and folders: what `tools/fuse.py` does."""

import os
from pathlib import Path

from torch import nn
from tqdm import tqdm

from mmseg_bffr.apis.inference import fuse, segment
from mmseg_bffr.classical import fuse_classically
from mmseg_bffr.datasets.image_io import read_infrared, read_visible, write_png
from mmseg_bffr.datasets.mfnet import MFNetDataset
from mmseg_bffr.datasets.pairs import match_stems
from mmseg_bffr.datasets.transforms.load_pair import read_pair
from mmseg_bffr.errors import InputError
from mmseg_bffr.visualization import colour_labels, result_path, save_sheet


def fuse_files(
    model: nn.Module | str,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    seg: bool = False,
    sheet: bool = False,
) -> None:
    """Fuse one pair into a PNG, or two folders of pairs into a folder of PNGs.

    Args:
        model: From `init_model`, or the name of a classical method, which cannot segment.
        vis, ir: Two files, or two folders with images of the same stems.
        out: A `.png` file, or a folder.
        seg: Also write the painted label map, NAME_labels.png.
        sheet: Also write visible, infrared, fused (and labels) side by side, NAME_sheet.png.

    Raises:
        InputError: A file and a folder are mixed, a pair is wrong, or `out` cannot be written.
    """
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if vis.is_dir() != ir.is_dir():
        raise InputError(f'{vis}, {ir}: give two files or two folders.')
    if vis.is_dir():
        jobs = [
            (visible, infrared, result_path(out, visible, infrared))
            for _, visible, infrared in match_stems(vis, ir)
        ]
    else:
        if out.suffix.lower() != '.png':
            raise InputError(f'{out}: the fused image of one pair is a .png file; name it so.')
        if out.resolve() in (vis.resolve(), ir.resolve()):
            raise InputError(f'{out}: is an input image; choose another file for the result.')
        jobs = [(vis, ir, out)]
    for visible, infrared, target in tqdm(jobs, desc='fusing', unit='pair'):
        if isinstance(model, str):
            pair = read_pair(visible, infrared)
            fused = fuse_classically(model, pair[..., :3], pair[..., 3])
        else:
            fused = fuse(model, visible, infrared)
        write_png(target, fused)
        titles, images = ['Visible', 'Infrared', 'Fused'], [fused]
        if seg:
            metainfo = MFNetDataset.METAINFO
            labels = colour_labels(segment(model, visible, infrared), metainfo['palette'])
            write_png(target.with_name(f'{target.stem}_labels.png'), labels)
            titles.append('Labels')
            images.append(labels)
        if sheet:
            sources = [read_visible(visible), read_infrared(infrared)]
            save_sheet(target.with_name(f'{target.stem}_sheet.png'), titles, [sources + images])
