"""What a benchmark says on the terminal, and its plot."""

import os

from matplotlib.figure import Figure

from mmseg_bffr.visualization.figure_file import save_figure


def format_table(result: dict) -> str:
    """A Markdown table of a result of `run_benchmark`, with the machine above it."""
    lines = [f'{result["config"]} on {result["machine"]}']
    if result['parameters']:
        lines[0] += f'; {result["parameters"] / 1e6:.2f} M parameters'
    lines += [
        '',
        '| case | H x W | pairs | s | pairs/s | GFLOP | GEMM GFLOP/s | effective | peak GB |',
        '|---|---|---|---|---|---|---|---|---|',
    ]
    for row in result['rows']:
        height, width = row['shape']
        cells = [row['case'], f'{height} x {width}', str(row['images'])]
        for key, digits in (
            ('seconds', 4),
            ('images_per_second', 2),
            ('gflop', 1),
            ('gemm_gflops', 0),
            ('effective', 2),
            ('peak_memory_gb', 2),
        ):
            cells.append('' if row[key] is None else f'{row[key]:.{digits}f}')
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def plot_growth(path: str | os.PathLike, result: dict) -> None:
    """Draw seconds and peak memory against the pixels of all pairs, both axes logarithmic.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        result: Of `run_benchmark`, best with several shapes; a line per case and batch.
    """
    figure = Figure(figsize=(8, 3.2), layout='constrained')
    panels = figure.subplots(1, 2)
    for panel, key, label in zip(
        panels, ('seconds', 'peak_memory_gb'), ('seconds', 'peak memory, GB'), strict=True
    ):
        lines = {}
        for row in result['rows']:
            lines.setdefault((row['case'], row['images']), []).append(row)
        for (case, batch), rows in lines.items():
            pixels = [row['images'] * row['shape'][0] * row['shape'][1] / 1e6 for row in rows]
            panel.loglog(pixels, [row[key] for row in rows], 'o-', label=f'{case}, batch {batch}')
        panel.set_xlabel('megapixels')
        panel.set_title(label)
        panel.grid(alpha=0.3, which='both')
    panels[0].legend()
    save_figure(path, figure, dpi=120)
