from .points import MODELS, fit_points, read_points
