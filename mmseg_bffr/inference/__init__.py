"""What is only for inference on a CPU, kept apart from the network that the paper draws."""

from .allocator import keep_freed_memory, release_freed_memory
from .fused_image import fused_image

__all__ = ['fused_image', 'keep_freed_memory', 'release_freed_memory']
