"""How two cameras stand to one another: from points, or from edges."""

from .automatic import UncertainError, find_alignment, same_view
from .checkerboard import checkerboard_points
from .points import Fit, fit_points, read_points
