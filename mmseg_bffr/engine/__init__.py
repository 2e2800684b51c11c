from .atomic_checkpoint_hook import AtomicCheckpointHook
from .autocast_optim_wrapper import AutocastOptimWrapper
from .combined_keys_constructor import CombinedKeysConstructor
from .finite_hook import FiniteHook
from .fusion_result_hook import FusionResultHook
from .fusion_runner import FusionRunner
from .progress_bar_hook import ProgressBarHook
from .resumable_train_loop import IterationSeedHook, MissedValidationHook, ResumableTrainLoop
from .run_record_hook import RunRecordHook
from .run_sampler import RunSampler
from .save_results_hooks import SaveFusedImagesHook, SaveLabelMapsHook
