"""Fusing a data set: what `bffr test-fusion` does."""

from collections.abc import Sequence
from pathlib import Path

from bffr.errors import UsageError
from mmseg_bffr.apis.config import is_fuser, require_fuser
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import is_first_process
from mmseg_bffr.apis.run_config import RunOptions, config_to_test, refuse_input_folder
from mmseg_bffr.apis.work_dir import work_dir_of_a_run
from mmseg_bffr.checkpoints import safe_loading
from mmseg_bffr.datasets.dataset_configs import infrared_arguments
from mmseg_bffr.engine import FusionRunner


@safe_loading()
def fuse_dataset(
    config: str,
    checkpoint: str,
    run: RunOptions = RunOptions(),  # noqa: B008, a value
    *,
    show_dir: str | None = None,
    vis_dir: str | None = None,
    ir_dir: str | None = None,
    align: str | None = None,
    crop: str = 'visible',
    metrics: Sequence[str] = (),
    out: str | None = None,
    no_stretch: bool = False,
) -> dict[str, float]:
    """Fuse the pairs of the config's test set, whole images, and write NAME.png.

    Args:
        config: Config of a fuser or of a joint model; of the latter, only the fuser runs.
        checkpoint: Checkpoint of either.
        run: Options that all runs have.
        show_dir: Where the images go; `WORK_DIR/test_result` by default.
        vis_dir, ir_dir: Fuse these two folders at native size instead of the test set.
        align: `rig.json` of these two folders; metrics are then computed on the overlap.
        crop: What is kept, the `overlap` or all of the `visible` images.
        metrics: Names of fusion metrics to report.
        out: `.json`, `.csv`, `.md` or `.tex` file for the metrics.
        no_stretch: Do not stretch each image to the full range.

    Returns:
        dict: Metric name -> mean over the images.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    if bool(vis_dir) != bool(ir_dir):
        raise UsageError('--vis-dir and --ir-dir belong together; give both.')
    if align and not vis_dir:
        raise UsageError('--align is for two folders; give --vis-dir and --ir-dir.')
    if crop == 'overlap' and not align:
        raise UsageError('--crop overlap needs --align.')
    if out and not metrics:
        raise UsageError('--out writes metrics; name some with --eval.')
    cfg = config_to_test(config, checkpoint, run)
    require_fuser(cfg)
    if not is_fuser(cfg.model):
        cfg.model = dict(cfg.model.fuser, data_preprocessor=cfg.model.data_preprocessor)
    if no_stretch:
        cfg.model.stretch = False
    if vis_dir:
        load = dict(type='LoadPair', align=align, infrared=infrared_arguments(cfg))
        cfg.test_dataloader.dataset = dict(
            type='FusionDataset',
            data_prefix=dict(img_path=vis_dir, ir_path=ir_dir),
            pipeline=[load, dict(type='PackSegInputs')],
            test_mode=True,
        )
    cfg.test_evaluator = [dict(type='FusionMetric', metrics=metrics, out=out)] if metrics else []
    folder = show_dir or str(Path(cfg.work_dir, 'test_result'))
    refuse_input_folder(cfg, folder)
    cfg.custom_hooks.append(dict(type='SaveFusedImagesHook', folder=folder, align=align, crop=crop))
    with work_dir_of_a_run(cfg.work_dir, is_first_process(cfg)) as start:
        runner = FusionRunner.from_cfg(cfg)
        start.watch(runner)
        tune_for_cpu(runner.model)
        results = runner.test()
    runner.logger.info(f'Fused images: {folder}')
    return results
