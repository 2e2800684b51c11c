"""Write docs/zoo.md from model-index.yml and the metafiles that it names."""

import argparse
from pathlib import Path

from bffr.models.zoo import exported_folder, zoo_list

ROOT = Path(__file__).parents[2]
METRICS = 'EN SD SF AG SCD VIF Qabf SSIM Nabf'
INTRO = """# Model zoo

These are the trained models. A model of the package is taken by its name, in full or short:
`bffr fuse --model NAME`, `bffr.load(NAME)`, `init_model(model=NAME)`. One that is exported runs
without torch; the others need the extra `mmseg`, and `bffr export --model NAME --out DIR` exports
them. The SHA-256 of the weights is checked when they are loaded."""
WEIGHTS = """The weights are in `mmseg_bffr/zoo/`. Those in `pretrain/` are other authors' files, to
be put there ([pretrain/README.md](../pretrain/README.md)). What has no weights is not published;
its numbers are those of [weak_labels.md](weak_labels.md). [Licences](licence.md) says what a
company may do with each.

**The MSRS pairs that the package's models were trained on are of MSRS's official test set** (261 of
361), and 39 of the 50 RoadScene pairs that most papers test on are among the 172: on
[these pairs](../bffr/zoo/trained_on) do not compare them with others. `bffr eval` warns of them."""
MEASURED = f"""These commands measure the numbers below. Those of fusion are means over the images,
each stretched to the full range unless the config says otherwise:

```
python tools/test_fusion.py CONFIG WEIGHTS --vis-dir D/vis --ir-dir D/ir --eval {METRICS}
python tools/test_fuser_segmenter.py CONFIG WEIGHTS --eval mIoU
```

The sets are small: compare within one, not with other papers."""
SOURCE = """`python tools/analysis_tools/zoo_page.py` makes this page of
[model-index.yml](../model-index.yml) and the metafiles that it names. Change those, not the
page."""


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
            model['Metadata'].get('License', ''),
        ]
        for model in models
    ]
    header = ['model', 'method', 'config', 'weights', 'SHA-256', 'log', 'trained on', 'licence']
    names = [
        [f'`{short}`', f'`{name}`', 'yes' if exported_folder(name) else '']
        for short, name in zoo_list()['names'].items()
    ]
    parts = [INTRO, table(['short', 'name', 'exported'], names)]
    parts += ['## Models', WEIGHTS, table(header, files), '## How they are measured', MEASURED]
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
    return '\n\n'.join([*parts, SOURCE]) + '\n'


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
