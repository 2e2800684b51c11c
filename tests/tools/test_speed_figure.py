import json
import runpy
import sys

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def draw(root, tmp_path, monkeypatch):
    """Draws the figure of one speed file and methods of some qualities: its points by name."""

    def drawn(quality):
        rows = [
            dict(exported=None, shape=[480, 640], pairs_per_second=4.0),
            dict(exported='exported/int8', shape=[480, 640], pairs_per_second=10.0),
            dict(exported='exported/int8', shape=[240, 320], pairs_per_second=40.0),
        ]
        (tmp_path / 'small.json').write_text(json.dumps(rows))
        summary = {name: {'Qabf': {'mean': mean}} for name, mean in quality.items()}
        (tmp_path / 'quality.json').write_text(json.dumps({'summary': summary}))
        words = ['--speed', tmp_path / 'small.json', '--quality', tmp_path / 'quality.json']
        words += ['--metrics', 'Qabf', '--out', tmp_path / 'speed.png']
        monkeypatch.setattr(sys, 'argv', ['speed_figure.py', *map(str, words)])
        figures = []
        monkeypatch.setattr(Figure, 'savefig', lambda figure, *_, **__: figures.append(figure))
        main = runpy.run_path(str(root / 'tools/analysis_tools/speed_figure.py'))['main']
        main()
        lines = figures[0].axes[0].lines
        return {line.get_label(): (line.get_xdata()[0], line.get_ydata()[0]) for line in lines}

    return drawn


def test_a_method_stands_at_its_speed_and_quality(draw):
    assert draw({'small': 0.5, 'int8': 0.4}) == {'small': (4.0, 0.5), 'int8': (10.0, 0.4)}


def test_a_method_without_a_speed_is_named(draw, capsys):
    with pytest.raises(SystemExit):
        draw({'small': 0.5, 'large': 0.6})
    assert 'no row of [480, 640] is named large' in capsys.readouterr().err
