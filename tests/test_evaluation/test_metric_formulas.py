"""Every metric against the formula of its source, written as plainly as possible."""

import math
from collections import Counter

import numpy as np
import piq
import pytest
import torch
from skimage.metrics import structural_similarity

from mmseg_bffr.evaluation import FUSION_METRICS


def entropy(values):
    counts = Counter(values)
    return -sum(n / len(values) * math.log2(n / len(values)) for n in counts.values())


def information(x, y):
    x, y = x.ravel().tolist(), y.ravel().tolist()
    return entropy(x) + entropy(y) - entropy(list(zip(x, y, strict=True)))


def correlation(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum())


def pixel(image, i, j, border):
    """The value at i, j; outside zero, or reflected about the outermost pixel."""
    h, w = image.shape
    if border == 'zero':
        return float(image[i, j]) if 0 <= i < h and 0 <= j < w else 0.0
    i, j = (abs(k) if k < n else 2 * n - 2 - k for k, n in ((i, h), (j, w)))
    return float(image[i, j])


def sobel(image, border='reflect'):
    dx, dy = np.zeros(image.shape), np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            for k, weight in ((-1, 1), (0, 2), (1, 1)):
                dx[i, j] += weight * pixel(image, i + k, j + 1, border)
                dx[i, j] -= weight * pixel(image, i + k, j - 1, border)
                dy[i, j] += weight * pixel(image, i + 1, j + k, border)
                dy[i, j] -= weight * pixel(image, i - 1, j + k, border)
    return dx, dy


def edges(image, border, scale=1):
    dx, dy = sobel(image, border)
    strength = np.sqrt(dx**2 + dy**2) * scale
    with np.errstate(divide='ignore', invalid='ignore'):
        return strength, np.where(dx == 0, np.pi / 2, np.arctan(dy / dx))


def qabf(fused, visible, infrared):
    top = bottom = 0
    gf, af = edges(fused, 'zero')
    for source in (visible, infrared):
        g, a = edges(source, 'zero')
        for n in np.ndindex(g.shape):
            ratio = min(g[n], gf[n]) / max(g[n], gf[n]) if max(g[n], gf[n]) else 0
            alignment = 1 - abs(a[n] - af[n]) / (math.pi / 2)
            qg = 0.9994 / (1 + math.exp(-15 * (ratio - 0.5)))
            qa = 0.9879 / (1 + math.exp(-22 * (alignment - 0.8)))
            top += qg * qa * g[n]
            bottom += g[n]
    return top / bottom


def nabf(fused, visible, infrared):
    top = bottom = 0
    gf, af = edges(fused, 'reflect', 1 / 8)
    sources = [edges(source, 'reflect', 1 / 8) for source in (visible, infrared)]
    for n in np.ndindex(gf.shape):
        artifact = all(gf[n] > g[n] for g, _ in sources)
        for g, a in sources:
            ratio = min(g[n], gf[n]) / max(g[n], gf[n]) if max(g[n], gf[n]) else 0
            alignment = abs(abs(a[n] - af[n]) - math.pi / 2) / (math.pi / 2)
            qg = 0.9999 / (1 + math.exp(-19 * (ratio - 0.5)))
            qa = 0.9995 / (1 + math.exp(-22 * (alignment - 0.5)))
            weight = g[n] ** 1.5 if g[n] >= 2 else 0.001
            top += artifact * (1 - math.sqrt(qg * qa)) * weight
            bottom += weight
    return top / bottom


def fmi_of_window(x, y):
    if (x == y).all():
        return 1
    p, q = (v - v.min() for v in (x, y))
    p, q = (v / v.sum() if v.sum() else np.full(9, 1 / 9) for v in (p, q))
    spread = np.ptp(p) > 0 and np.ptp(q) > 0
    r = correlation(p, q) if spread else 0
    cdf_p, cdf_q = np.cumsum(p), np.cumsum(q)

    def bound(i, j):
        if i < 0 or j < 0:
            return 0
        return min(cdf_p[i], cdf_q[j]) if r >= 0 else max(cdf_p[i] + cdf_q[j] - 1, 0)

    extreme = np.zeros((9, 9))
    for i in range(9):
        for j in range(9):
            extreme[i, j] = bound(i, j) - bound(i - 1, j) - bound(i, j - 1) + bound(i - 1, j - 1)
    k = np.arange(9)
    covariance = sum(extreme[i, j] * i * j for i in k for j in k) - (k * p).sum() * (k * q).sum()
    variances = [(k**2 * v).sum() - (k * v).sum() ** 2 for v in (p, q)]
    r_extreme = covariance / math.sqrt(variances[0] * variances[1]) if min(variances) > 0 else 0
    phi = min(r / r_extreme, 1) if r_extreme else 0
    joint = phi * extreme + (1 - phi) * np.outer(p, q)
    hp, hq, h = (-sum(v * math.log2(v) for v in d.ravel() if v > 0) for d in (p, q, joint))
    return 2 * (hp + hq - h) / (hp + hq)


def fmi(fused, visible, infrared):
    magnitudes = []
    for image in (fused, visible, infrared):
        dy, dx = np.gradient(image.astype(float))
        magnitudes.append(np.sqrt(dx**2 + dy**2))
    values = []
    for i in range(fused.shape[0] - 2):
        for j in range(fused.shape[1] - 2):
            f, v, r = (m[i : i + 3, j : j + 3].T.ravel() for m in magnitudes)
            values += [fmi_of_window(v, f), fmi_of_window(r, f)]
    return sum(values) / len(values)


def frequency_filter(image, sensitivity, divisor):
    h, w = image.shape
    spectrum = np.fft.fft2(image)
    for i in range(h):
        for j in range(w):
            vertical = (i if i < h / 2 else i - h) * 2 / divisor
            horizontal = (j if j < w / 2 else j - w) * 2 / divisor
            spectrum[i, j] *= sensitivity(math.hypot(vertical, horizontal))
    return np.fft.ifft2(spectrum).real


def blur(image, sigma):
    offsets = np.arange(-15, 16)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = np.pad(image, 15, mode='reflect')
    rows = sum(
        w * padded[:, 15 + k : padded.shape[1] - 15 + k]
        for k, w in zip(offsets, weights, strict=True)
    )
    return sum(
        w * rows[15 + k : rows.shape[0] - 15 + k] for k, w in zip(offsets, weights, strict=True)
    )


def qcb(fused, visible, infrared):
    def contrast(image):
        image = frequency_filter(
            image,
            lambda r: math.exp(-((r / 15.387) ** 2)) - 0.7622 * math.exp(-((r / 1.3456) ** 2)),
            30,
        )
        c = np.abs(blur(image, 2) / blur(image, 4) - 1)
        return c**3 / (c**2 + 0.0001)

    f, v, r = map(contrast, (fused, visible, infrared))
    saliency = v**2 / (v**2 + r**2)
    kept = [np.minimum(x, f) / np.maximum(x, f) for x in (v, r)]
    return (saliency * kept[0] + (1 - saliency) * kept[1]).mean()


def qcv(fused, visible, infrared):
    top = bottom = 0
    for source in (visible, infrared):
        error = frequency_filter(
            source.astype(float) - fused,
            lambda r: 2.6 * (0.0192 + 0.144 * r) * math.exp(-((0.144 * r) ** 1.1)),
            8,
        )
        strength = np.hypot(*sobel(source))
        for i in range(0, fused.shape[0], 16):
            for j in range(0, fused.shape[1], 16):
                saliency = (strength[i : i + 16, j : j + 16] ** 5).sum()
                top += saliency * (error[i : i + 16, j : j + 16] ** 2).mean()
                bottom += saliency
    return top / bottom


def both(function, fused, visible, infrared):
    return [function(source, fused) for source in (visible, infrared)]


def shared(x, y):
    return 2 * information(x, y) / (entropy(x.ravel().tolist()) + entropy(y.ravel().tolist()))


def divergence(x, y):
    p, q = Counter(x.ravel().tolist()), Counter(y.ravel().tolist())
    return sum(n / x.size * math.log2(n / q[level]) for level, n in p.items() if level in q)


def ag(fused, *_):
    h, w = fused.shape
    image, total = fused.astype(float), 0
    for i in range(h):
        for j in range(w):
            above, below, left, right = (
                max(i - 1, 0),
                min(i + 1, h - 1),
                max(j - 1, 0),
                min(j + 1, w - 1),
            )
            dy = (image[below, j] - image[above, j]) / (below - above)
            dx = (image[i, right] - image[i, left]) / (right - left)
            total += math.sqrt((dx**2 + dy**2) / 2)
    return total / ((h - 1) * (w - 1))


PLAIN = {
    'EN': lambda f, v, r: entropy(f.ravel().tolist()),
    'SD': lambda f, v, r: math.sqrt(((f - f.mean()) ** 2).mean()),
    'SF': lambda f, v, r: math.sqrt(
        ((f[1:] * 1.0 - f[:-1]) ** 2).mean() + ((f[:, 1:] * 1.0 - f[:, :-1]) ** 2).mean()
    ),
    'AG': ag,
    'MI': lambda *images: sum(both(information, *images)),
    'NMI': lambda *images: sum(both(shared, *images)),
    'CC': lambda *images: sum(both(correlation, *images)) / 2,
    'SCD': lambda f, v, r: correlation(f * 1.0 - v, r) + correlation(f * 1.0 - r, v),
    'MSE': lambda *images: sum(both(lambda x, y: ((x / 255 - y / 255) ** 2).mean(), *images)) / 2,
    'PSNR': lambda f, v, r: 10
    * math.log10(255**2 / ((((f * 1.0 - v) ** 2).mean() + ((f * 1.0 - r) ** 2).mean()) / 2)),
    'CE': lambda *images: sum(both(divergence, *images)) / 2,
    'Qabf': qabf,
    'Nabf': nabf,
    'FMI': fmi,
    'Qcb': qcb,
    'Qcv': qcv,
}  # fmt: skip


@pytest.mark.parametrize('name', PLAIN)
def test_plain_formula(name, scene):
    fused, visible, infrared = (image[52:88, 108:145] for image in (np.maximum(*scene), *scene))
    noise = np.random.default_rng(1).integers(0, 9, fused.shape, dtype=np.uint8)
    images = fused + noise, visible, infrared
    assert FUSION_METRICS[name](*images) == pytest.approx(PLAIN[name](*images), rel=1e-9)


def test_structural_similarity_against_scikit_image(scene):
    fused = np.maximum(*scene)
    maps = [
        structural_similarity(
            fused * 1.0, source * 1.0, gaussian_weights=True, sigma=1.5, full=True,
            use_sample_covariance=False, data_range=255,
        )[1][5:-5, 5:-5]
        for source in scene
    ]  # fmt: skip
    assert FUSION_METRICS['SSIM'](fused, *scene) == pytest.approx(np.mean(maps), abs=1e-4)


@pytest.mark.parametrize(
    ('name', 'function', 'weight'), [('VIF', piq.vif_p, 1), ('MS-SSIM', piq.multi_scale_ssim, 0.5)]
)
def test_single_precision_is_enough(name, function, weight, scene):
    fused, *sources = (torch.tensor(x / 255.0)[None, None] for x in (np.maximum(*scene), *scene))
    expected = weight * sum(float(function(fused, source)) for source in sources)
    assert FUSION_METRICS[name](np.maximum(*scene), *scene) == pytest.approx(expected, rel=5e-4)
