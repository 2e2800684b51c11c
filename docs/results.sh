#!/usr/bin/env bash
# The trainings behind docs/results.md: `docs/results.sh NAME [SEED]`, or `all` in two at a time.
# Started again after a stop, each goes on from its last checkpoint.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

PYTHON=${PYTHON:-.venv/bin/python}
WARM=configs/fuser/transfuser6_avg_msrs-weak.py
JOINT=configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6_msrs-weak.py
SEGFORMER=configs/segformer/segformer_mit-b0
RUNS=work_dirs/results
AVERAGE=$PWD/$RUNS/warm_start/fused

name=$1 seed=${2:-0}

segment() { # CONFIG [KEY=VALUE ...]
    local config=$1
    shift
    $PYTHON tools/train_fuser_segmenter.py "$config" --work-dir "$RUNS/${name}_$seed" \
        --seed "$seed" --amp --auto-resume ${1:+--cfg-options "$@"}
}

joint() {
    segment $JOINT model.fuser.init_cfg.checkpoint=$RUNS/warm_start/iter_1000.pth "$@"
}

removed() {
    joint "train_dataloader.dataset.removed_classes=$1"
}

case $name in
    warm_start)
        $PYTHON tools/train_fuser.py $WARM --work-dir $RUNS/warm_start --seed 0 --amp --auto-resume \
            --cfg-options 'train_dataloader.dataset.pipeline.2.ratio_range=(0.5,2.0)'
        $PYTHON tools/test_fusion.py $WARM $RUNS/warm_start/iter_1000.pth --show-dir "$AVERAGE" \
            --vis-dir data/msrs_weak/vis --ir-dir data/msrs_weak/ir
        ;;
    visible | infrared) segment ${SEGFORMER}_${name}_msrs-weak.py ;;
    average) FUSED=$AVERAGE segment ${SEGFORMER}_fused_msrs-weak.py ;;
    seafusion)
        FUSED=$(realpath ../shared/data/msrs_fused/SeAFusion) \
            segment ${SEGFORMER}_fused_msrs-weak.py
        ;;
    joint) joint ;;
    no_correlation) joint model.fusion_loss=None ;;
    no_person) removed '("person",)' ;;
    no_car) removed '("car",)' ;;
    no_person_no_car) removed '("person","car")' ;;
    shipped) joint train_cfg.max_iters=4000 param_scheduler.1.end=4000 ;;
esac
