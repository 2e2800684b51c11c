"""Fusion rules without weights, which are the runtime's."""

from bffr_runtime.classical import fuse_classically

__all__ = ['fuse_classically']
