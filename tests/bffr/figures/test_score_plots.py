"""Box plots show every value once, under its method and metric."""

import numpy as np

from bffr.evaluation import Score
from bffr.figures import plot_scores
from bffr.images.image_io import read_visible


def test_boxes_and_dots(tmp_path, figures):
    values = {'a': [5.0, 6.0, 10.0], 'b': [1.0, 2.0, float('nan')]}
    scores = [
        Score(method, str(number), {'EN': value, 'MSE': 1 - value})
        for method, column in values.items()
        for number, value in enumerate(column)
    ]
    plot_scores(tmp_path / 'p.png', scores)
    panels = figures[0].axes
    assert [panel.get_title() for panel in panels] == ['EN ↑', 'MSE ↓']
    for panel, of in zip(panels, (lambda x: x, lambda x: 1 - x), strict=True):
        assert [label.get_text() for label in panel.get_xticklabels()] == ['a', 'b']
        lines = [(*line.get_xdata(), *line.get_ydata()) for line in panel.get_lines()]
        assert (0, 0, 0, of(5), of(6), of(10)) in lines
        assert (1, 1, of(1), of(2)) in lines
        medians = [(-0.3, 0.3, of(6), of(6)), (0.7, 1.3, of(1.5), of(1.5))]
        assert all(median in lines for median in medians)
    picture = read_visible(tmp_path / 'p.png')
    for panel in np.array_split(picture, 2, axis=1):
        first, second = (
            np.argwhere(redness < -40 if blue else redness > 40)[:, 1].mean()
            for redness in [panel[..., 2].astype(int) - panel[..., 0]]
            for blue in (True, False)
        )  # dots of a are blue, those of b orange
        assert first + panel.shape[1] / 5 < second
