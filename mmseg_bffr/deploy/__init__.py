from .onnx_file import OPSET, write_onnx
from .pair_to_boxes import PairToBoxes
from .pair_to_image import PairToImage
from .quantising import quantise
from .structured_pairs import structured_pair
