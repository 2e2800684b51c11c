from .live import LivePair, is_live
from .pair import VideoPair, is_video
from .writer import VideoWriter

__all__ = ['LivePair', 'VideoPair', 'VideoWriter', 'is_live', 'is_video']
