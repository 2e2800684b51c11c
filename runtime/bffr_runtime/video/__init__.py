from .pair import VideoPair, is_video
from .writer import VideoWriter

__all__ = ['VideoPair', 'VideoWriter', 'is_video']
