"""Running what a config says of a test, and keeping its numbers."""

import math
from pathlib import Path

import mmengine
from mmengine.config import Config
from mmengine.dist import is_main_process

from bffr.version import __version__
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import is_first_process
from mmseg_bffr.apis.work_dir import work_dir_of_a_run
from mmseg_bffr.checkpoints import refuse_partial_loads
from mmseg_bffr.engine import FusionRunner


def run_test(cfg: Config, protocol: str | None) -> dict[str, float]:
    """Test, and write the metrics to the work dir, `eval_<time>.json`, unless `protocol` is None.

    Args:
        cfg: What to test.
        protocol: What the metrics are, for the file.

    Returns:
        dict: Metric -> value; `GROUP.NAME` becomes an entry of GROUP in the file.

    Raises:
        InputError: The checkpoint does not fit, or the data cannot be read.
    """
    with work_dir_of_a_run(cfg.work_dir, is_first_process(cfg)) as start:
        runner = FusionRunner.from_cfg(cfg)
        start.watch(runner)
        tune_for_cpu(runner.model)
        refuse_partial_loads(runner.model)
        results = runner.test()
    if protocol and is_main_process():
        path = Path(cfg.work_dir, f'eval_{runner.timestamp}.json')
        images = len(runner.test_dataloader.dataset)
        source = {'protocol': protocol, 'images': images, 'version': __version__}
        mmengine.dump(source | _nested(results), path, indent=1)
        runner.logger.info(f'Metrics: {path}')
    return results


def _nested(results: dict[str, float]) -> dict:
    """Group `IoU.car` and the like by metric, and write NaN as None, for JSON."""
    nested = {}
    for name, value in results.items():
        group, _, class_name = name.partition('.')
        value = None if math.isnan(value) else float(value)
        if class_name:
            nested.setdefault(group, {})[class_name] = value
        else:
            nested[name] = value
    return nested
