"""A small data set of drawn street scenes, for the demo and the tests."""

from .dataset import write_synthetic_dataset
from .scene import render_scene

__all__ = ['render_scene', 'write_synthetic_dataset']
