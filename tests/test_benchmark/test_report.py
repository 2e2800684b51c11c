"""The plot of a benchmark shows its rows."""

from mmseg_bffr.benchmark.report import plot_growth


def test_a_line_for_each_case_and_batch(tmp_path, figures):
    rows = [
        dict(case=case, images=images, shape=[side, 1000], seconds=cost * side, peak_memory_gb=side)
        for case, images, cost in (('fuse', 1, 2), ('fuse', 4, 3), ('train', 1, 5))
        for side in (500, 1000)
    ]
    plot_growth(tmp_path / 'p.png', {'rows': rows})
    seconds, memory = figures[0].axes
    assert [
        (line.get_label(), [*line.get_xdata()], [*line.get_ydata()]) for line in seconds.get_lines()
    ] == [
        ('fuse, batch 1', [0.5, 1.0], [1000, 2000]),
        ('fuse, batch 4', [2.0, 4.0], [1500, 3000]),
        ('train, batch 1', [0.5, 1.0], [2500, 5000]),
    ]
    assert [[*line.get_ydata()] for line in memory.get_lines()] == [[500, 1000]] * 3
