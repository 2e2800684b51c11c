"""Detecting in a data set: what `bffr test` does with a detector."""

from collections.abc import Sequence
from pathlib import Path

from bffr.errors import InputError
from mmseg_bffr.apis.config import has_detector, require_matching_classes
from mmseg_bffr.apis.run_config import RunOptions, config_to_test, refuse_input_folder
from mmseg_bffr.apis.run_test import run_test
from mmseg_bffr.checkpoints import safe_loading
from mmseg_bffr.datasets.dataset_configs import class_metainfo, unread_datasets


@safe_loading()
def detect_dataset(
    config: str,
    checkpoint: str,
    run: RunOptions = RunOptions(),  # noqa: B008, a value
    *,
    show_dir: str | None = None,
    metrics: Sequence[str] = (),
    out: str | None = None,
) -> dict[str, float]:
    """Detect in the config's test set.

    Args:
        config: Config of a detector, with or without a fuser before it.
        checkpoint: Its checkpoint.
        run: Options that all runs have.
        show_dir: Where the fused images go with boxes on them, NAME.png; visible images where
            nothing is fused.
        metrics: `bbox` for `BoxMetric`, also written to the work dir, `eval_<time>.json`, with the
            curves beside it, `precision_recall.png`.
        out: `.pkl` file for what is found, by mmengine's `DumpResults`: a list of dicts, whose
            `pred_instances` has `bboxes`, `scores` and `labels`.

    Returns:
        dict: See `BoxMetric`.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    unknown = [name for name in metrics if name != 'bbox']
    if unknown:
        raise InputError(f'--eval {" ".join(unknown)}: for a detector, choose bbox.')
    cfg = config_to_test(config, checkpoint, run)
    if not has_detector(cfg.model):
        raise InputError(f'{config}: has no detector; give a config that has one.')
    cfg.test_evaluator = []
    if metrics:
        require_matching_classes(cfg, 'test')
        classes = unread_datasets(cfg.test_dataloader.dataset)[0].metainfo['classes']
        trained = class_metainfo(cfg)['classes']
        cfg.custom_hooks.append(dict(type='SameClassesHook', classes=classes, trained=trained))
        curves = str(Path(cfg.work_dir, 'precision_recall.png'))
        cfg.test_evaluator = [dict(type='BoxMetric', curves=curves)]
    if out:
        cfg.test_evaluator.append(dict(type='DumpResults', out_file_path=out))
    if show_dir:
        refuse_input_folder(cfg, show_dir)
        cfg.model.test_cfg = dict(cfg.model.get('test_cfg') or {}, with_fused=True)
        cfg.custom_hooks.append(dict(type='SaveBoxesHook', folder=show_dir, **class_metainfo(cfg)))
    return run_test(cfg, "COCO's average precision" if metrics else None)
