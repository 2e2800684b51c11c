from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure

METRICS = 'VIF', 'Qabf'


@pytest.fixture
def draw(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / 'tools/analysis_tools'))
    from leaderboard_costs import draw

    return draw


def test_methods_stand_at_their_fastest_engine_and_quality(draw, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(Figure, 'savefig', lambda figure, *_, **__: figures.append(figure))
    quality = {'small': (0.5, 0.7), 'large': (0.6, 0.8), 'published': (0.4, 0.9)}
    summary = {
        name: {
            metric: SimpleNamespace(mean=mean) for metric, mean in zip(METRICS, means, strict=True)
        }
        for name, means in quality.items()
    }
    costs = {
        'small': {'torch ms': 400.0, 'openvino ms': 100.0},
        'large': {'torch ms': 500.0, 'onnxruntime ms': 800.0, 'GFLOPs': 1.0},
        'machine': 'here',
    }
    draw(tmp_path / 'speed.png', 'drawn', summary, costs)
    for number, panel in enumerate(figures[0].axes):
        points = [(*line.get_xdata(), *line.get_ydata()) for line in panel.lines]
        assert points == [(10, quality['small'][number]), (2, quality['large'][number])]
        assert [text.get_text() for text in panel.texts] == ['small', 'large']
