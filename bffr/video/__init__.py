from .live import LivePair
from .pair import VideoPair
from .reader import VideoReader, is_video
from .source import Source, is_live, kind_of, open_source
from .telling import telling_frames
from .writer import CODECS, SUFFIXES, VideoWriter
