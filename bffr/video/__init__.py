from .live import LivePair
from .pair import VideoPair, spread
from .reader import VideoReader, is_video
from .source import Source, is_live, open_source
from .writer import CODECS, SUFFIXES, VideoWriter
