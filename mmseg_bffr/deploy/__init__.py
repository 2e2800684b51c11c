from .files import write_onnx, write_openvino
from .pair_to_image import PairToImage
from .quantising import quantise
from .structured_pairs import structured_pair

__all__ = ['PairToImage', 'quantise', 'structured_pair', 'write_onnx', 'write_openvino']
