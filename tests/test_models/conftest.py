import pytest

from mmseg_bffr.models import TransFuser


@pytest.fixture
def tiny():
    """A TransFuser small enough to run in milliseconds."""
    return TransFuser(channels=(4, 4, 4, 4, 4), heads=(2, 2, 2, 2)).eval()
