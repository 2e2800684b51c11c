"""Which files are fused with one another."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, write_png
from bffr.models.rules import Rule


def test_nothing_is_fused_with_itself(tmp_path):
    folder, out = tmp_path / 'both', tmp_path / 'out'
    write_png(folder / '1v.png', np.full((8, 8, 3), 50, np.uint8))
    write_png(folder / '1i.png', np.full((8, 8), 200, np.uint8))
    for source, pair_by in ((folder, None), (folder, ['order']), (folder / '1v.png', None)):
        with pytest.raises(InputError, match='is given as visible and as infrared'):
            fuse_files(Rule('max'), source, source, out, FuseOptions(pair_by=pair_by))
    by_name = FuseOptions(pair_by=['NAMEv', 'NAMEi'], stretch='none')
    fuse_files(Rule('max'), folder, folder, out, by_name)
    (fused,) = out.glob('*.png')
    assert (read_image(fused) == 200).all()
