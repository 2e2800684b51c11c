from .autocast_optim_wrapper import AutocastOptimWrapper
from .fusion_result_hook import FusionResultHook
from .progress_bar_hook import ProgressBarHook
from .save_results_hooks import SaveFusedImagesHook, SaveLabelMapsHook

__all__ = [
    'AutocastOptimWrapper',
    'FusionResultHook',
    'ProgressBarHook',
    'SaveFusedImagesHook',
    'SaveLabelMapsHook',
]
