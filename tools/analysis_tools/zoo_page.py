"""Write docs/zoo.md and the cards of the package's models from the metafiles of model-index.yml."""

import argparse
from pathlib import Path

from bffr.models.zoo import exported_folder, zoo_list

ROOT = Path(__file__).parents[2]
METRICS = 'EN SD SF AG SCD VIF Qabf SSIM Nabf'
INTRO = """# Model zoo

This page lists the models that come with the package, and published models to compare with. To use
a model of the package, give its full or short name: `bffr fuse --model NAME`, `bffr.load(NAME)` or
`init_model(model=NAME)`. Models marked as exported run without torch. The others need
`pip install '.[mmseg]'`; to export them, run `bffr export --model NAME --out DIR`. The SHA-256 of
the weights is checked when a model is loaded."""
WEIGHTS = """Weights in `mmseg_bffr/zoo/` come with the package. Those in `pretrain/` are other
authors' files: [pretrain/README.md](../pretrain/README.md) says where to get them. Rows without
weights are [trainings](weak_labels.md) that were not published. If you want to use a model in a
company, read [licences](licence.md) first.

**Do not compare the package's models with others on MSRS's test set or on RoadScene.** They were
trained on 261 of the 361 official test pairs of MSRS, and on 39 of the 50 RoadScene pairs that most
papers test on ([all names](../bffr/zoo/trained_on)). `bffr eval` warns if you do."""
MEASURED = f"""These commands measure the numbers below. Metrics of fusion are means over
images. Each image is stretched to the full range, unless the config says otherwise:

```
python tools/test_fusion.py CONFIG WEIGHTS --vis-dir D/vis --ir-dir D/ir --eval {METRICS}
python tools/test_fuser_segmenter.py CONFIG WEIGHTS --eval mIoU
```

The sets are small, so compare only models on the same data with each other, not with other papers.
`ifcnn`, `lutfuse` and `datfuse` are saved without the stretch, as their authors do. The
[leaderboard](results.md#leaderboard) stretches them, so its numbers differ."""
SOURCE = """`python tools/analysis_tools/zoo_page.py` makes this page and the models' cards. To
change them, change [model-index.yml](../model-index.yml) and the metafiles that it names, and run
it."""
TEST_PAIRS = """**Do not compare this model with others on these pairs**: 261 of them belong to
MSRS's official test set of 361, and 39 to the 50 RoadScene pairs that most papers test on"""
NUMBERS = """Metrics of fusion are means over images that are stretched to the full range. Those of
masks are in percent. [The zoo](../../../docs/zoo.md) compares all models, and
[results](../../../docs/results.md) compares them with other methods."""
CLASS_METRICS = {'IoU': 'IoU', 'Hit': 'drawn boxes hit', 'Inside': 'pixels inside boxes'}


def main():
    """Write the page and the cards."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    (ROOT / 'docs/zoo.md').write_text(page(), encoding='utf-8')
    for model in (model for content in metafiles() for model in content['Models']):
        if 'README' in model:
            (ROOT / model['README']).write_text(card(model), encoding='utf-8')


def metafiles() -> list[dict]:
    """The contents of all metafiles."""
    return [read(metafile) for metafile in read('model-index.yml')['Import']]


def page() -> str:
    """The page's text: the models' files, then a table of results for each task."""
    contents = metafiles()
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
    named = [(result, [model['Name']]) for model in models for result in model['Results']]
    parts += tables_of_tasks(['model'], named)
    return '\n\n'.join([*parts, SOURCE]) + '\n'


def card(model: dict) -> str:
    """The text of a model's card."""
    name, about = model['Name'], model['Metadata']
    short = [short for short, full in zoo_list()['names'].items() if full == name]
    called = short[-1] if short else name
    needs = '' if exported_folder(name) else ". Needs `pip install '.[mmseg]'`"
    how = f'`--model {called}`, `bffr.load({called!r})` or `init_model(model={called!r})`'
    if 'default' in short:
        how += '. `bffr fuse` and `bffr.load()` use it unless you name another'
    size = (ROOT / model['Weights']).stat().st_size / 1e6
    lists = ', '.join(
        f'[{data}](../trained_on/{data}.txt)' for data in zoo_list()['trained_on'][name]
    )
    rows = {
        'use': how + needs,
        'good for': model['Good For'],
        'not good for': model['Not Good For'],
        'size': f'{about["Parameters (M)"]} M parameters, {size:.1f} MB of weights (float16)',
        'trained on': f'{about["Training Data"]}; all names: {lists}. {TEST_PAIRS}',
        'labels': about.get('Labels', ''),
        'training': training(model),
        'licence': f'{about["License"]}. Licence of the images: {about["Training Data License"]}. '
        f'Read [what a company may do](../../../docs/licence.md)',
    }
    lines = [[key, ' '.join(text.split())] for key, text in rows.items() if text]
    parts = [f'# {name}', model['Summary'], table(['', ''], lines), NUMBERS]
    parts += tables_of_tasks([], [(result, []) for result in model['Results']])
    return '\n\n'.join([*parts, *table_of_classes(model)]) + '\n'


def training(model: dict) -> str:
    """How a model was made: config, command, seeds, hours."""
    how = model['Training']
    if 'By Hand' in how:
        stages = f'[this list](../../../{how["By Hand"]})'
        config, command = model['Config'], f'several, see {stages}'
        seeds = how.get('Seeds', f'see {stages}')
    else:
        config, command = how['Config'], f'`{how["Command"]}` at commit `{how["Commit"]}`'
        first, *others = how['Seeds']
        seeds = f'{first}, {", ".join(map(str, others))} (published: {first})' if others else first
    cell = f'config: [{config}](../../../{config}); command: {command}; seeds: {seeds}; '
    return f'{cell}hours: {how["Hours"]}'


def tables_of_tasks(header: list[str], results: list[tuple[dict, list[str]]]) -> list[str]:
    """For each task a heading and a table of its results, without those of single classes.

    Args:
        header: Of the cells beside each result.
        results: A result of a metafile, and these cells.
    """
    parts = []
    for task in dict.fromkeys(result['Task'] for result, _ in results):
        of_task = [(result, cells) for result, cells in results if result['Task'] == task]
        keys = dict.fromkeys(key for result, _ in of_task for key in result['Metrics'])
        if metrics := [key for key in keys if '.' not in key]:
            rows = [
                [result['Dataset'], *cells, *(number(result, key) for key in metrics)]
                for result, cells in of_task
            ]
            rows.sort(key=lambda row: row[0])
            parts += [f'## {task}', table(['data', *header, *metrics], rows)]
    return parts


def table_of_classes(model: dict) -> list[str]:
    """What a model finds of each class; nothing, if it only fuses."""
    found = {}
    for result in model['Results']:
        for key in result['Metrics']:
            metric, _, name = key.partition('.')
            if name:
                found.setdefault(name, {})[metric] = number(result, key)
    shown = [key for key in CLASS_METRICS if any(key in values for values in found.values())]
    rows = [[name, *(values.get(key, '') for key in shown)] for name, values in found.items()]
    return [table(['class', *map(CLASS_METRICS.get, shown)], rows)] if rows else []


def number(result: dict, metric: str) -> str:
    """A value and, where there are several seeds, its mean and deviation over them."""
    value = str(result['Metrics'].get(metric, ''))
    if metric in result.get('Deviations', {}):
        value += f' ({result["Means"][metric]} ± {result["Deviations"][metric]})'
    return value


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
