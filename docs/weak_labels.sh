#!/usr/bin/env bash
# The trainings behind docs/weak_labels.md: docs/weak_labels.sh NAME [SEED], see the end of the file.
# Started again after a stop, each goes on from its last checkpoint.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

PYTHON=${PYTHON:-.venv/bin/python}
WARM=configs/fuser/transfuser_avg_1xb4-1k_msrs-weak-96x128.py
JOINT=configs/fuser_segmenters/transfuser_segformer_mit-b0_joint_1xb4-1k_msrs-weak-96x128.py
SEGFORMER=configs/segformer/segformer_mit-b0_1xb4-1k_msrs-weak-96x128.py
RUNS=work_dirs/weak_labels
AVERAGE=$PWD/$RUNS/warm_start/fused

name=${1:-} seed=${2:-0}

segment() {
    $PYTHON tools/train_fuser_segmenter.py "$@" --work-dir "$RUNS/${name}_$seed" \
        --seed "$seed" --amp --auto-resume
}

joint() {
    segment $JOINT --cfg-options \
        model.fuser.init_cfg.checkpoint=$RUNS/warm_start/iter_1000.pth "$@"
}

case $name in
    warm_start)
        $PYTHON tools/train_fuser.py $WARM --work-dir $RUNS/warm_start --seed 0 --amp --auto-resume \
            --cfg-options 'train_dataloader.dataset.pipeline.2.ratio_range=(0.5,2.0)'
        $PYTHON tools/test_fusion.py $WARM $RUNS/warm_start/iter_1000.pth --show-dir "$AVERAGE" \
            --vis-dir data/msrs_weak/vis --ir-dir data/msrs_weak/ir
        ;;
    visible) IMAGES=vis segment $SEGFORMER ;;
    infrared) IMAGES=ir segment $SEGFORMER ;;
    average) IMAGES=$AVERAGE segment $SEGFORMER ;;
    seafusion) IMAGES=$(realpath ../shared/data/msrs_fused/SeAFusion) segment $SEGFORMER ;;
    joint) joint ;;
    no_correlation) joint model.fusion_loss=None ;;
    no_person) joint 'train_dataloader.dataset.removed_classes=("person",)' ;;
    no_car) joint 'train_dataloader.dataset.removed_classes=("car",)' ;;
    no_person_no_car) joint 'train_dataloader.dataset.removed_classes=("person","car")' ;;
    light_correlation) # the paper's lambda, which darkens the scene at once
        joint model.fusion_loss.loss_weight=0.001 \
            optim_wrapper.paramwise_cfg.custom_keys.fuser.lr_mult=0.1 \
            train_cfg.max_iters=300 train_cfg.val_interval=300 param_scheduler.1.end=300
        ;;
    longer) # goes on from `joint`
        segment $JOINT --load-from $RUNS/joint_0/iter_1000.pth --cfg-options \
            train_cfg.max_iters=3000 param_scheduler.1.end=3000
        ;;
    heavy_correlation) # goes on from the best of `longer`
        segment $JOINT --load-from $RUNS/longer_0/best_mIoU_iter_1000.pth --cfg-options \
            train_cfg.max_iters=600 train_cfg.val_interval=600 param_scheduler.1.end=600 \
            optim_wrapper.optimizer.lr=3e-4 model.fusion_loss.loss_weight=1.0 \
            optim_wrapper.paramwise_cfg.custom_keys.fuser.lr_mult=0.1
        ;;
    *)
        echo "error: $name: there is no such training; docs/weak_labels.md names them." >&2
        exit 2
        ;;
esac
