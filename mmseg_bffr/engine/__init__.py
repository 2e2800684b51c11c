from .atomic_checkpoint_hook import AtomicCheckpointHook
from .autocast_optim_wrapper import AutocastOptimWrapper
from .box_metric import BoxMetric
from .combined_keys_constructor import CombinedKeysConstructor
from .finite_hook import FiniteHook
from .fusion_runner import FusionRunner
from .metrics import BoxHitMetric, ClassIoUMetric, DumpLabelMaps, FusionMetric
from .report_hooks import ProgressBarHook, RunRecordHook
from .result_hooks import FusionResultHook, SaveBoxesHook, SaveFusedImagesHook, SaveLabelMapsHook
from .resumable_train_loop import IterationSeedHook, MissedValidationHook, ResumableTrainLoop
from .resumed_settings_hook import ResumedSettingsHook
from .same_classes_hook import SameClassesHook
from .seeding import RunSampler
