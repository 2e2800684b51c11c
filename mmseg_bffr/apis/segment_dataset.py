"""Segmenting a data set: what `bffr test` does."""

from collections.abc import Sequence
from pathlib import Path

from bffr.errors import InputError
from mmseg_bffr.apis.augmented_test import varied
from mmseg_bffr.apis.config import is_fuser, require_matching_classes
from mmseg_bffr.apis.confusion import ConfusionMatrix
from mmseg_bffr.apis.run_config import (
    RunOptions,
    config_to_test,
    refuse_input_folder,
    refuse_shared_names,
)
from mmseg_bffr.apis.run_test import run_test
from mmseg_bffr.checkpoints import safe_loading
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo, unread_datasets

IOU_METRICS = ('mIoU', 'mDice', 'mFscore')


@safe_loading()
def segment_dataset(
    config: str,
    checkpoint: str,
    run: RunOptions = RunOptions(),  # noqa: B008, a value
    *,
    show_dir: str | None = None,
    opacity: float = 1.0,
    metrics: Sequence[str] = (),
    confusion: str | None = None,
    out: str | None = None,
    aug_test: bool = False,
) -> dict[str, float]:
    """Segment the config's test set.

    Args:
        config: Config of a joint model or of a segmenter on images of one kind.
        checkpoint: Its checkpoint.
        run: Options that all runs have.
        show_dir: Where painted label maps go, NAME.png.
        opacity: Of the paint over the fused image.
        metrics: Of mmsegmentation's `IoUMetric`: mIoU, mDice, mFscore; also written to the work
            dir, `eval_<time>.json`. If you give any, a `BoxHitMetric` of the config
            is computed, too.
        confusion: `.csv` file or figure for the confusion matrix, see `ConfusionMatrix`.
        out: `.pkl` file for all label maps, a list of uint8 (H, W).
        aug_test: Average over scales and mirror images: see `varied`.

    Returns:
        dict: aAcc, mIoU, mAcc, ... and `IoU.CLASS`, `Acc.CLASS`, `Hit.CLASS`, ... in percent.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    if not 0 < opacity <= 1:
        raise InputError(f'--opacity {opacity}: must be above 0 and at most 1.')
    unknown = [name for name in metrics if name not in IOU_METRICS]
    if unknown:
        raise InputError(f'--eval {" ".join(unknown)}: choose from {", ".join(IOU_METRICS)}.')
    if out and Path(out).suffix not in ('.pkl', '.pickle'):
        raise InputError(f'--out {out}: label maps are written as .pkl.')
    cfg = config_to_test(config, checkpoint, run)
    if is_fuser(cfg.model):
        raise InputError(f'{config}: has no segmenter; use tools/test_fusion.py.')
    datasets = unread_datasets(cfg.test_dataloader.dataset)
    labelled = all('seg_map_path' in dataset.data_prefix for dataset in datasets)
    if (metrics or confusion or aug_test) and not labelled:
        raise InputError(
            f'{config}: its test data has no labels, which --eval, --confusion and '
            f'--aug-test need; name a data set with labels.'
        )
    configured, cfg.test_evaluator = cfg.test_evaluator, []
    if metrics or confusion:
        require_matching_classes(cfg, 'test')
        classes, trained = datasets[0].metainfo['classes'], class_metainfo(cfg)['classes']
        cfg.custom_hooks.append(dict(type='SameClassesHook', classes=classes, trained=trained))
    if confusion:
        cfg.test_evaluator.append(dict(type=ConfusionMatrix, out=confusion))
    if metrics:
        cfg.test_evaluator.append(dict(type='ClassIoUMetric', iou_metrics=metrics))
        if isinstance(configured, dict):  # mmengine takes one metric, and an evaluator of several
            configured = configured.get('metrics', [configured])
        of_boxes = [one for one in configured or () if one.type == 'BoxHitMetric']
        if of_boxes:
            refuse_shared_names(cfg)  # by which an image finds its boxes
        cfg.test_evaluator += of_boxes
    if out:
        cfg.test_evaluator.append(dict(type='DumpLabelMaps', out=out))
    cfg.model.test_cfg.with_fused = show_dir is not None and opacity < 1
    if show_dir:
        refuse_input_folder(cfg, show_dir)
        palette = class_metainfo(cfg)['palette']
        cfg.custom_hooks.append(
            dict(type='SaveLabelMapsHook', folder=show_dir, palette=palette, opacity=opacity)
        )
    if aug_test:
        if not {'tta_model', 'tta_pipeline'} <= set(cfg):
            raise InputError(
                f'{config}: has no tta_model or tta_pipeline, which --aug-test needs; inherit from '
                f'configs/_base_/datasets/mfnet.py.'
            )
        for dataset in base_datasets(cfg.test_dataloader.dataset):
            dataset.pipeline = varied(dataset.pipeline, cfg.tta_pipeline)
        cfg.model = dict(cfg.tta_model, module=cfg.model)
    return run_test(cfg, 'pixels of all images together' if metrics else None)
