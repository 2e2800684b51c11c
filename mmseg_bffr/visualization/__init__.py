from .folder_sheet import draw_folders
from .results import colour_labels, fused_image, result_path, save_fused_images, save_label_maps
from .sheet import save_sheet

__all__ = [
    'colour_labels',
    'draw_folders',
    'fused_image',
    'result_path',
    'save_fused_images',
    'save_label_maps',
    'save_sheet',
]
