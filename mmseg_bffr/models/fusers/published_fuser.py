"""What published fusers have in common that are here for comparison."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from mmseg_bffr.models.fusers.base_fuser import BaseFuser


class PublishedFuser(BaseFuser):
    """A fuser whose authors' weight file loads as it is.

    One that fuses luma takes it from R, G, B in that order, as its authors did, and not as
    `mmseg_bffr.models.color` says.
    """

    authors_names: ClassVar[Mapping[str, str | None]]
    """Part between dots of a parameter's name in the authors' file -> ours.

    Where ours is empty, the part is left out; where it is None, the whole tensor. No part that
    results may be one of theirs, so that current names stay.
    """

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        return super().fuse(inputs[:, [2, 1, 0, 3]])[:, [2, 1, 0]]

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        for name in [name for name in state_dict if name.startswith(prefix)]:
            tensor = state_dict.pop(name)
            names = self.authors_names
            parts = [names.get(part, part) for part in name.removeprefix(prefix).split('.')]
            if None not in parts:
                state_dict[prefix + '.'.join(filter(None, parts))] = tensor
        super()._load_from_state_dict(state_dict, prefix, *args)
