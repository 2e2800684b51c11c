"""What published fusers have in common that are here for comparison."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from mmseg_bffr.checkpoints.authors_names import rename_parts
from mmseg_bffr.models.fusers.base_fuser import BaseFuser


class PublishedFuser(BaseFuser):
    """A fuser whose authors' weight file loads as it is.

    One that fuses luma takes it from R, G, B in that order, as its authors did, and not as
    `mmseg_bffr.models.color` says.
    """

    authors_names: ClassVar[Mapping[str, str | None]]
    """Parts of parameter names in the authors' file and here, see `rename_parts`."""

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        return super().fuse(inputs[:, [2, 1, 0, 3]])[:, [2, 1, 0]]

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        rename_parts(state_dict, prefix, self.authors_names)
        super()._load_from_state_dict(state_dict, prefix, *args)
