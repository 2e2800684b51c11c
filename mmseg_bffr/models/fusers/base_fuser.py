"""What all fusion networks share: colour, losses, and the saved image."""

from mmengine.model import BaseModel
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor

from bffr.errors import InputError
from bffr.models.tiles import Tiles
from mmseg_bffr.checkpoints import rename_weights, require_fit, take_fuser
from mmseg_bffr.models.color import luma, lumas, replace_luma
from mmseg_bffr.models.losses import build_fusion_loss
from mmseg_bffr.models.saved_image import mirrored_back, to_saved_image, without_padding


class BaseFuser(BaseModel):
    """A network that fuses a visible and an infrared image into one colour image.

    A new fusion network derives from this class and defines `fuse` or, if it works on luma and the
    visible image is to give the colours, the shorter `fuse_luma`. Warm start, joint training, tests
    and the Python API then take it as they take `TransFuser`. Called, it returns the fused image;
    losses see the luma of that image.

    Args:
        loss: Config of the loss when the fuser is trained alone, called with (fused, visible,
            infrared) lumas.
        stretch: Whether saved images are stretched to the full range.
        data_preprocessor: Config of mmengine's data preprocessor.
        init_cfg: mmengine's initialisation. `dict(type='Pretrained', checkpoint=F)` takes a
            fuser's checkpoint or the fuser inside a joint one.

    Attributes:
        min_size: Smallest height and width of images in pixels.
        tiles: How images may be cut into tiles that are fused apart; None if they may not.
    """

    min_size = 2
    tiles: Tiles | None = None

    def __init__(
        self,
        loss: dict | None = None,
        stretch: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ):
        super().__init__(data_preprocessor, init_cfg)
        self.fusion_loss = build_fusion_loss(loss)
        self.stretch = stretch
        for hook in (rename_weights, take_fuser, require_fit):
            self.register_load_state_dict_pre_hook(hook)

    def fuse(self, inputs: Tensor, *sums: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], visible (B, G, R) and infrared, into (N, 3, H, W), B, G, R.

        The fused image is nominally in [0, 1] and need not be clamped. `sums` is there if the
        inputs are a tile and its image has any.
        """
        visible = inputs[:, :3]
        return replace_luma(visible, self.fuse_luma(luma(visible), inputs[:, 3:], *sums))

    def sums(self, inputs: Tensor, inside: Tensor) -> Tensor:
        """What the network sums over all places, of those inside a part of (N, 4, H, W).

        Args:
            inputs: As `fuse` has them.
            inside: int64 (4,): top, bottom, left and right of the part, in pixels.

        Returns:
            Tensor: (N, S). `fuse` gets the sum of these over all tiles of an image.
        """
        return inputs.new_zeros(len(inputs), 0)

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one; `fuse` adds the visible colours."""
        raise TypeError(f'{type(self).__name__} defines neither fuse nor fuse_luma.')

    def lumas(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Fused, visible and infrared luma, each (N, 1, H, W), of (N, 4, H, W) inputs in [0, 1]."""
        return lumas(self(inputs), inputs)

    def forward(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None, mode: str = 'tensor'
    ) -> Tensor | dict[str, Tensor] | list[SegDataSample]:
        """Run the fuser in one of mmengine's modes.

        Args:
            inputs: (N, 4, H, W) in [0, 1]: visible (B, G, R) and infrared.
            data_samples: N data samples, only in mode `predict`.
            mode: `tensor`: the fused image (N, 3, H, W), channels B, G, R, not clamped; `loss`:
                a dict with the loss; `predict`: the data samples with the saved image as
                `fused`, uint8 (3, H, W).

        Raises:
            InputError: H or W is below `min_size`, or there are not four channels.
        """
        if inputs.shape[1] != 4:
            raise InputError(
                f'{type(self).__name__} fuses pairs, (N, 4, H, W), and was given '
                f'{inputs.shape[1]} channels; use what takes two images, such as bffr fuse or '
                f'mmseg_bffr.apis.segment.'
            )
        if mode == 'loss':
            return {self.fusion_loss.loss_name: self.fusion_loss(*self.lumas(inputs))}
        height, width = inputs.shape[2:]
        if height < self.min_size or width < self.min_size:
            raise InputError(
                f'{type(self).__name__} needs images of at least {self.min_size}x{self.min_size} '
                f'pixels, not {width}x{height}; enlarge them.'
            )
        image = self.fuse(inputs)
        if mode == 'tensor':
            return image
        return self.attach_saved_images(image, data_samples)

    def attach_saved_images(
        self, images: Tensor, data_samples: list[SegDataSample]
    ) -> list[SegDataSample]:
        """Store (N, 3, H, W) as they will be saved in `fused` of N samples.

        Mirrored images are mirrored back, and what the data preprocessor padded is cut off.
        """
        for image, data_sample in zip(images, data_samples, strict=True):
            image = mirrored_back(without_padding(image, data_sample), data_sample)
            data_sample.fused = PixelData(data=to_saved_image(image, self.stretch))
        return data_samples
