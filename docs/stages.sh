#!/usr/bin/env bash
# Measures the default's fuser as it was published after each stage of its training, and draws
# docs/results/stages.png. In the root of a clone with its history; data/ as data/README.md says.
set -euo pipefail
cd "$(dirname "$0")/.."
ZOO=mmseg_bffr/zoo/content-s-2026-11
STAGES=(b7ef5bf 4185b7c 47db499 21cbe3b ac60b99 eebaf58 8656276) # commits
ITERATIONS=(2500 5151 6351 11951 13651 15351 17651) # of the fuser by the content loss until then
OUT=work_dirs/stages
mkdir -p $OUT/msrs/vis $OUT/msrs/ir
for stem in $(awk 'NR % 5 == 1' data/msrs/val.txt); do
    for kind in vis ir; do ln -sf "$(realpath data/msrs/$kind)/$stem.png" $OUT/msrs/$kind/; done
done
for commit in "${STAGES[@]}"; do
    mkdir -p $OUT/$commit
    git show $commit:$ZOO/weights.pth > $OUT/$commit/weights.pth
done
for data in data/tno data/roadscene $OUT/msrs; do
    name=$(basename $data) columns=(SeAFusion=$OUT/SeAFusion/$(basename $data))
    python tools/test_fusion.py configs/fuser/seafusion_content_1xb4-2k5_msrs-96x128.py "${SEAFUSION:?names its weights}" --work-dir $OUT/SeAFusion \
        --vis-dir $data/vis --ir-dir $data/ir --show-dir $OUT/SeAFusion/$name
    for commit in "${STAGES[@]}"; do
        python tools/test_fusion.py configs/fuser/transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py $OUT/$commit/weights.pth --work-dir $OUT/$commit \
            --vis-dir $data/vis --ir-dir $data/ir --show-dir $OUT/$commit/$name
        columns+=($commit=$OUT/$commit/$name)
    done
    bffr eval --vis $data/vis --ir $data/ir --fused "${columns[@]}" \
        --metrics SF VIF Qabf SSIM --out $OUT/$name.json
done
python - $OUT "${STAGES[*]}" "${ITERATIONS[*]}" <<'EOF'
import json
import sys

from matplotlib.figure import Figure

out, stages, iterations = sys.argv[1], sys.argv[2].split(), [*map(int, sys.argv[3].split())]
figure = Figure(figsize=(12, 2.8), layout='constrained')
panels = figure.subplots(1, 4)
for colour, (name, title) in enumerate(dict(tno='TNO', roadscene='RoadScene', msrs='MSRS').items()):
    with open(f'{out}/{name}.json') as file:
        means = json.load(file)['summary']
    for panel, metric in zip(panels, ('SF', 'VIF', 'Qabf', 'SSIM')):
        values = [means[stage][metric]['mean'] for stage in stages]
        panel.plot(iterations, values, 'o-', color=f'C{colour}', label=title)
        panel.axhline(means['SeAFusion'][metric]['mean'], color=f'C{colour}', linestyle=':')
        panel.set(title=metric, xlabel='iterations')
        panel.locator_params('x', nbins=4)
panels[0].legend(fontsize=8)
figure.savefig('docs/results/stages.png', dpi=100)
EOF
