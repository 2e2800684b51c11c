"""How pairs are fused, the same for images, folders and videos."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bffr.errors import InputError, UsageError
from bffr.images.stretch import STRETCHES, Range
from bffr.images.thermal import InfraredScale, increasing
from bffr.rigs.rig import Rig


@dataclass(frozen=True)
class FuseOptions:
    """What `fuse_files` takes besides a model and files.

    Args:
        seg: Also write the painted label map, NAME_labels.png or, of videos, NAME_labels with the
            suffix of the result. A video is compressed with losses, so its colours are for the eye.
        boxes: Also write the fused image with boxes on it, NAME_boxes.png or, of videos, NAME_boxes
            with the suffix of the result. Not with `seg`: a model finds one of the two.
        keep_going: Report a pair that fails and skip it, and raise at the end. In place of a frame
            the last good one is repeated (the first good one, if there was none before), so that
            the timing stays.
        stretch: Which range of fused values becomes 0..255: with `none` that of the network, with
            `image` each image's own, with `sequence` one for all that follows their flicker: of a
            folder that of up to 32 pairs spread over it, which are fused twice, see `FolderRange`;
            of a video that of the frames so far, see `SequenceRange`. By default `image`, of videos
            and live sources `sequence`.
        infrared: How infrared values become 0..255; what it does not say is as the model has it.
            What was used is printed and, unless all stayed, stored: of a folder as infrared.json
            in it, else as NAME_infrared.json.
        ir_scope: Whether the percentiles are of each `pair` or of the `sequence`, by default of
            folders and videos (up to 32 images spread over one). Of live sources they are of each.
        align: Rig that all the images are of; otherwise the pairs are taken for aligned.
        pair_by: How the images of folders are paired, see `match_pairs`.
        sheet: Also write visible, infrared, fused (and labels) side by side, NAME_sheet.png. Not
            of videos.
        skip_existing: Of folders: pass by pairs whose results are all there.
        shard: Of folders: (I, N), fuse every N-th pair from the I-th on, in the order of stems.
            Ranges are of the whole folder all the same, so that all shards together make what one
            run does; `infrared.json` becomes `infrared_IofN.json`.
        vis_range: Values of visible images that become 0 and 255, by default those of their type.
        page: Of TIFF files of several pages, from 1 on; by default the largest.
        show: Show the frames of videos and live sources in a window, too.
        rate: Of videos: at which moments there are fused frames, see `VideoPair`.
        track: Of videos and live sources: follow a rig that drifts, see `RigTracker`.
        offset: Of videos: seconds by which the infrared one started later.
        codec, crf: Of a video that is written, see `VideoWriter`.

    Raises:
        InputError: There is no such stretch, or low is not below high.
    """

    seg: bool = False
    boxes: bool = False
    keep_going: bool = False
    stretch: str | None = None
    infrared: InfraredScale | None = None
    ir_scope: str | None = None
    align: Rig | None = None
    pair_by: Sequence[str] | None = None
    sheet: bool = False
    skip_existing: bool = False
    shard: tuple[int, int] = (1, 1)
    vis_range: Range | None = None
    page: int | None = None
    show: bool = False
    rate: str | float = 'visible'
    track: bool = False
    offset: float = 0.0
    codec: str | None = None
    crf: int | None = None

    @property
    def finds(self) -> str | None:
        """What is to be found, `labels` or `boxes`, if anything."""
        return 'labels' if self.seg else 'boxes' if self.boxes else None

    def require_for_one(self, name: str) -> None:
        """Refuse what only folders of pairs have.

        Args:
            name: Of what is fused.

        Raises:
            UsageError: It is given.
        """
        if self.skip_existing or self.shard != (1, 1) or self.pair_by:
            raise UsageError(
                f'{name}: --skip-existing, --shard and --pair-by are for folders of pairs; leave '
                f'them out.'
            )

    def require_for_images(self, name: str) -> None:
        """Refuse what only videos and live sources have, as `require_for_one` does."""
        if self.show:
            raise UsageError(f'{name}: images are not shown in a window; leave out --show.')
        if self.track:
            raise UsageError(f'{name}: only videos drift; leave out --track.')
        if (self.rate, self.offset, self.codec, self.crf) != ('visible', 0, None, None):
            raise UsageError(f'{name}: --rate, --offset, --codec and --crf are for videos.')

    def scale(self, default: InfraredScale) -> InfraredScale:
        """How infrared becomes 8 bit: what `infrared` does not say is as a model's `default`."""
        if self.infrared is None:
            return default
        told = self.infrared
        limits = dict(range=default.range, percentiles=default.percentiles)
        return replace(
            told,
            **({} if told.known or told.percentiles else limits),
            **{
                name: getattr(default, name)
                for name in ('black_hot', 'clahe', 'keep_hot_pixels', 'nodata', 'palette')
                if getattr(told, name) is None or getattr(told, name) is False
            },
        )

    def __post_init__(self):
        if self.stretch not in (None, *STRETCHES):
            raise InputError(
                f'{self.stretch}: no such stretch; choose from {", ".join(STRETCHES)}.'
            )
        if self.vis_range is not None:
            increasing('vis_range', self.vis_range)
