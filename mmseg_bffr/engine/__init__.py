from .atomic_checkpoint_hook import AtomicCheckpointHook
from .autocast_optim_wrapper import AutocastOptimWrapper
from .cpu_data_parallel import CPUDataParallel
from .eager_optimizer_hook import EagerOptimizerHook
from .finite_hook import FiniteHook
from .fusion_result_hook import FusionResultHook
from .iteration_seed_hook import IterationSeedHook
from .missed_validation_hook import MissedValidationHook
from .progress_bar_hook import ProgressBarHook
from .resumable_train_loop import ResumableTrainLoop
from .run_record_hook import RunRecordHook
from .run_sampler import RunSampler
from .save_results_hooks import SaveFusedImagesHook, SaveLabelMapsHook
