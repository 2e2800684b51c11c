from .atomic_checkpoint_hook import AtomicCheckpointHook
from .autocast_optim_wrapper import AutocastOptimWrapper
from .finite_hook import FiniteHook
from .fusion_runner import FusionRunner
from .metrics import ClassIoUMetric, DumpLabelMaps, FusionMetric
from .progress_bar_hook import ProgressBarHook
from .result_hooks import FusionResultHook, SaveFusedImagesHook, SaveLabelMapsHook
from .resumable_train_loop import IterationSeedHook, MissedValidationHook, ResumableTrainLoop
from .run_record_hook import RunRecordHook
from .run_sampler import RunSampler
