from .files import write_onnx, write_openvino
from .pair_to_image import PairToImage
from .structured_pairs import structured_pair

__all__ = ['PairToImage', 'structured_pair', 'write_onnx', 'write_openvino']
