from .live import LivePair, is_live
from .pair import VideoPair, is_video
from .writer import CODECS, VideoWriter

__all__ = ['CODECS', 'LivePair', 'VideoPair', 'VideoWriter', 'is_live', 'is_video']
