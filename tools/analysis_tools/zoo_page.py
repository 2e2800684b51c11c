"""Write docs/zoo.md from model-index.yml and the metafiles that it names."""

import argparse
from pathlib import Path

ROOT = Path(__file__).parents[2]
METRICS = 'EN SD SF AG SCD VIF Qabf SSIM Nabf'
INTRO = f"""# Model zoo

`python tools/analysis_tools/zoo_page.py` makes this page from
[model-index.yml](../model-index.yml) and the metafiles that it names: change those. Fusion is
measured as means over the images, by the config and the weights named, each image stretched to the
full range unless the config says otherwise:

```
python tools/test_fusion.py CONFIG WEIGHTS --vis-dir D/vis --ir-dir D/ir --eval {METRICS}
python tools/test_fuser_segmenter.py CONFIG WEIGHTS --eval mIoU
```

What is in `mmseg_bffr/zoo/` comes with the package (`--model NAME`, `bffr.load(NAME)`),
checked against its SHA-256 when it is loaded. What is in `pretrain/` are other authors' files,
to be put there ([pretrain/README.md](../pretrain/README.md)); what has no weights is not published,
its numbers are those of [weak_labels.md](weak_labels.md). The sets are small: compare within one,
not with other papers."""


def main():
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    (ROOT / 'docs/zoo.md').write_text(page(), encoding='utf-8')


def page() -> str:
    """The page's text: the models' files, then a table of results for each task."""
    contents = [read(metafile) for metafile in read('model-index.yml')['Import']]
    collections = [collection for content in contents for collection in content['Collections']]
    papers = {collection['Name']: collection['Paper'] for collection in collections}
    models = [model for content in contents for model in content['Models']]
    files = [
        [
            link(model['Name'], model.get('README')) or model['Name'],
            f'[{model["In Collection"]}]({papers[model["In Collection"]]["URL"]})',
            link('config', model['Config']),
            link('weights', model.get('Weights')),
            f'`{model["SHA256"]}`' if 'SHA256' in model else '',
            link('log', model.get('Training log')),
            model['Metadata']['Training Data'],
        ]
        for model in models
    ]
    header = ['model', 'method', 'config', 'weights', 'SHA-256', 'log', 'trained on']
    parts = [INTRO, '## Models', table(header, files)]
    results = [(model['Name'], result) for model in models for result in model['Results']]
    for task in dict.fromkeys(result['Task'] for _, result in results):
        of_task = [(name, result) for name, result in results if result['Task'] == task]
        metrics = list(dict.fromkeys(key for _, result in of_task for key in result['Metrics']))
        rows = [
            [result['Dataset'], name, *(result['Metrics'].get(key, '') for key in metrics)]
            for name, result in of_task
        ]
        rows.sort(key=lambda row: row[0])
        parts += [f'## {task}', table(['data', 'model', *metrics], rows)]
    return '\n\n'.join(parts) + '\n'


def read(file: str) -> dict:
    """A YAML file of the repository."""
    from mmengine.fileio import load

    return load(ROOT / file)


def link(text: str, target: str | None) -> str:
    """A link to a file of the repository, or the name of one that is not in it."""
    if not target:
        return ''
    return f'[{text}](../{target})' if (ROOT / target).is_file() else f'`{target}`'


def table(header: list, rows: list[list]) -> str:
    """A Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)


if __name__ == '__main__':
    main()
