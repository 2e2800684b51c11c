"""Every metric against its definition: by loops, by another library, by hand.

Nothing here may repeat how the package computes; only constants are the same.
"""

import math
import statistics
from collections import Counter
from itertools import pairwise

import numpy as np
import piq
import pytest
import torch
from scipy.signal import convolve2d
from skimage.metrics import mean_squared_error, structural_similarity

from bffr.evaluation import evaluate_images


def flat(image):
    return image.ravel().tolist()


def entropy(values):
    counts = Counter(values)
    return sum(n / len(values) * math.log2(len(values) / n) for n in counts.values())


def information(x, y):
    """Mean of log2 p(x, y) / (p(x) p(y))."""
    x, y = flat(x), flat(y)
    of_x, of_y, of_both = Counter(x), Counter(y), Counter(zip(x, y, strict=True))
    return sum(
        n / len(x) * math.log2(n * len(x) / (of_x[a] * of_y[b])) for (a, b), n in of_both.items()
    )


def correlation(x, y):
    return statistics.correlation(flat(x), flat(y))


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


def qabf(fused, visible, infrared, script=False):
    top = bottom = 0
    gf, af = edges(fused, 'zero')
    for source in (visible, infrared):
        g, a = edges(source, 'zero')
        for n in np.ndindex(g.shape):
            ratio = min(g[n], gf[n]) / max(g[n], gf[n]) if max(g[n], gf[n]) else 0
            if script and g[n] == gf[n]:
                ratio = min(g[n], 9)  # so that the exponential below does not overflow
            angles = [-x[n] if script and x[n] < math.pi / 2 else x[n] for x in (a, af)]
            alignment = 1 - abs(angles[0] - angles[1]) / (math.pi / 2)
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


def derivatives(image, i, j):
    """Central differences along the rows and columns, one-sided at the border."""
    h, w = image.shape
    above, below, left, right = max(i - 1, 0), min(i + 1, h - 1), max(j - 1, 0), min(j + 1, w - 1)
    return (
        (float(image[below, j]) - image[above, j]) / (below - above),
        (float(image[i, right]) - image[i, left]) / (right - left),
    )


def fmi(fused, visible, infrared):
    magnitudes = []
    for image in (fused, visible, infrared):
        magnitudes.append(np.zeros(image.shape))
        for n in np.ndindex(image.shape):
            magnitudes[-1][n] = math.hypot(*derivatives(image, *n))
    values = []
    for i in range(fused.shape[0] - 2):
        for j in range(fused.shape[1] - 2):
            f, v, r = (m[i : i + 3, j : j + 3].T.ravel() for m in magnitudes)
            values += [fmi_of_window(v, f), fmi_of_window(r, f)]
    return sum(values) / len(values)


def fourier(n):
    """The matrix of the discrete Fourier transform."""
    return np.array([[np.exp(-2j * np.pi * a * b / n) for a in range(n)] for b in range(n)])


def frequency_filter(image, sensitivity, divisor):
    h, w = image.shape
    spectrum = fourier(h) @ image @ fourier(w)
    for i in range(h):
        for j in range(w):
            vertical = (i if i < h / 2 else i - h) * 2 / divisor
            horizontal = (j if j < w / 2 else j - w) * 2 / divisor
            spectrum[i, j] *= sensitivity(math.hypot(vertical, horizontal))
    return (fourier(h).conj() @ spectrum @ fourier(w).conj()).real / (h * w)


def blur(image, sigma, mode='reflect'):
    offsets = np.arange(-15, 16)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum() if mode == 'reflect' else math.sqrt(2 * math.pi) * sigma
    padded = np.pad(image, 15, mode=mode)
    rows = sum(
        w * padded[:, 15 + k : padded.shape[1] - 15 + k]
        for k, w in zip(offsets, weights, strict=True)
    )
    return sum(
        w * rows[15 + k : rows.shape[0] - 15 + k] for k, w in zip(offsets, weights, strict=True)
    )


def qcb(fused, visible, infrared, mode='reflect'):
    def contrast(image):
        image = frequency_filter(
            image,
            lambda r: math.exp(-((r / 15.387) ** 2)) - 0.7622 * math.exp(-((r / 1.3456) ** 2)),
            30,
        )
        c = np.abs(blur(image, 2, mode) / blur(image, 4, mode) - 1)
        return c**3 / (c**2 + 0.0001)

    f, v, r = map(contrast, (fused, visible, infrared))
    saliency = v**2 / (v**2 + r**2)
    kept = [np.minimum(x, f) / np.maximum(x, f) for x in (v, r)]
    return (saliency * kept[0] + (1 - saliency) * kept[1]).mean()


def qcv(fused, visible, infrared, border='reflect'):
    top = bottom = 0
    for source in (visible, infrared):
        error = frequency_filter(
            source.astype(float) - fused,
            lambda r: 2.6 * (0.0192 + 0.144 * r) * math.exp(-((0.144 * r) ** 1.1)),
            8,
        )
        strength = np.hypot(*sobel(source, border))
        for i in range(0, fused.shape[0], 16):
            for j in range(0, fused.shape[1], 16):
                saliency = (strength[i : i + 16, j : j + 16] ** 5).sum()
                block = error[i : i + 16, j : j + 16]
                top += saliency * (block**2).sum() / (block.size if border == 'reflect' else 256)
                bottom += saliency
    return top / bottom


def both(function, fused, visible, infrared):
    return [function(source, fused) for source in (visible, infrared)]


def shared(x, y):
    return 2 * information(x, y) / (entropy(flat(x)) + entropy(flat(y)))


def divergence(x, y):
    p, q = Counter(flat(x)), Counter(flat(y))
    return sum(n / x.size * math.log2(n / q[level]) for level, n in p.items() if level in q)


def ag(fused, *_):
    h, w = fused.shape
    squares = (sum(d**2 for d in derivatives(fused, *n)) for n in np.ndindex(h, w))
    return sum(math.sqrt(square / 2) for square in squares) / ((h - 1) * (w - 1))


def sf(fused, *_):
    neighbours = [
        [b - a for line in image.tolist() for a, b in pairwise(line)] for image in (fused, fused.T)
    ]
    return math.sqrt(sum(statistics.fmean(d**2 for d in lines) for lines in neighbours))


def mse(*images):
    return statistics.fmean(both(mean_squared_error, *(image / 255 for image in images)))


def gaussian(size, sigma):
    offsets = np.arange(size) - size // 2
    weights = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * sigma**2))
    return weights / weights.sum()


def moments(x, y, window):
    """Means, variances and covariance in every whole window."""
    x_mean, y_mean, xx, yy, xy = (
        convolve2d(image, window, mode='valid') for image in (x, y, x * x, y * y, x * y)
    )
    return x_mean, y_mean, xx - x_mean**2, yy - y_mean**2, xy - x_mean * y_mean


def ms_ssim(x, y):
    x, y = x.astype(float), y.astype(float)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    product, exponents = 1, (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
    for scale, exponent in enumerate(exponents, 1):
        x_mean, y_mean, xx, yy, xy = moments(x, y, gaussian(11, 1.5))
        value = (2 * xy + c2) / (xx + yy + c2)
        if scale == len(exponents):
            value = value * (2 * x_mean * y_mean + c1) / (x_mean**2 + y_mean**2 + c1)
        product *= max(value.mean(), 0) ** exponent
        x, y = (sum(image[i::2, j::2] for i in (0, 1) for j in (0, 1)) / 4 for image in (x, y))
    return product


def vif(reference, distorted):
    """Information that the distorted image has of the reference, over that of the reference."""
    reference, distorted = reference.astype(float), distorted.astype(float)
    kept = total = 0
    for scale in range(1, 5):
        size = 2 ** (5 - scale) + 1
        window = gaussian(size, size / 5)
        if scale > 1:
            reference, distorted = (
                convolve2d(image, window, mode='valid')[::2, ::2]
                for image in (reference, distorted)
            )
        _, _, variances, others, covariances = moments(reference, distorted, window)
        for variance, other, covariance in zip(
            flat(variances), flat(others), flat(covariances), strict=True
        ):
            gain = max(covariance / variance, 0) if min(variance, other) > 1e-10 else 0
            noise = max(other - gain * covariance, 1e-10)
            kept += math.log(1 + gain**2 * max(variance, 0) / (noise + 2))
            total += math.log(1 + max(variance, 0) / 2)
    return kept / total


PLAIN = {
    'EN': lambda f, v, r: entropy(flat(f)),
    'SD': lambda f, v, r: statistics.pstdev(flat(f)),
    'SF': sf,
    'AG': ag,
    'MI': lambda *images: sum(both(information, *images)),
    'NMI': lambda *images: sum(both(shared, *images)),
    'CC': lambda *images: sum(both(correlation, *images)) / 2,
    'SCD': lambda f, v, r: correlation(f * 1.0 - v, r) + correlation(f * 1.0 - r, v),
    'MSE': mse,
    'PSNR': lambda *images: 10 * math.log10(1 / mse(*images)),
    'CE': lambda *images: sum(both(divergence, *images)) / 2,
    'Qabf': qabf,
    'Nabf': nabf,
    'FMI': fmi,
    'Qcb': qcb,
    'Qcv': qcv,
}  # fmt: skip


def value(name, *images):
    return evaluate_images(*images, [name])[name]


@pytest.mark.parametrize('name', PLAIN)
def test_plain_formula(name, scene):
    fused, visible, infrared = (image[52:88, 108:145] for image in (np.maximum(*scene), *scene))
    noise = np.random.default_rng(1).integers(0, 9, fused.shape, dtype=np.uint8)
    images = fused + noise, visible, infrared
    assert value(name, *images) == pytest.approx(PLAIN[name](*images), rel=1e-9)


def stretched(function):
    def rounded(image):
        low, high = int(image.min()), int(image.max())
        levels = [math.floor((v - low) / (high - low) * 255 + 0.5) for v in flat(image)]
        return np.array(levels).reshape(image.shape)

    return lambda *images: function(*map(rounded, images))


def summed_error(source, fused):
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(flat(source), flat(fused), strict=True)))


def rmse(*images):
    return statistics.fmean(both(summed_error, *images)) / images[0].size


def ei(fused, *_):
    dx, dy = sobel(np.pad(fused, 1, mode='edge'))
    return statistics.fmean(flat(np.sqrt(dx**2 + dy**2)[1:-1, 1:-1]))


VIFB = {
    'EI': ei,
    'MI': stretched(lambda *images: math.log(2) * sum(both(information, *images))),
    'RMSE': rmse,
    'PSNR': lambda *images: 10 * math.log10(255**2 / rmse(*images)),
    'Qabf': lambda *images: qabf(*images, script=True),
    'Qcb': stretched(lambda *images: qcb(*images, mode='constant')),
    'Qcv': stretched(lambda *images: qcv(*images, border='zero')),
}


@pytest.mark.parametrize('name', VIFB)
def test_plain_formula_of_vifb(name, scene):
    fused, visible, infrared = (image[52:88, 108:145] for image in (np.maximum(*scene), *scene))
    visible = np.minimum(visible + 40, 200)
    calculated = evaluate_images(fused, visible, infrared, [name], 'vifb')[name]
    assert calculated == pytest.approx(VIFB[name](fused, visible, infrared), rel=1e-6)


def test_spatial_frequency_of_vifb_sees_the_channels_side_by_side():
    blue, green, red = image(0, 5, 5), image(9, 11, 11), image(20, 23, 23)
    steps = 3, 23 - 9, 2, 11 - 0, 5  # red, green, blue
    calculated = evaluate_images(np.dstack([blue, green, red]), blue, blue, ['SF'], 'vifb')['SF']
    assert calculated == pytest.approx(math.sqrt(sum(step**2 for step in steps) / 9))


def test_deviation_of_tang_2022_saturates():
    fused = image(10, 11, 20, 60)  # less 25.25: only 34.75 is above 0, and its square above 255
    assert evaluate_images(fused, fused, fused, ['SD'], 'tang-2022')['SD'] == math.sqrt(255 / 4)
    fused = image(1, 2, 2, 5)  # less 2.5: 2.5 is rounded to 3
    assert evaluate_images(fused, fused, fused, ['SD'], 'tang-2022')['SD'] == math.sqrt(9 / 4)


def image(*levels):
    """Four rows: each level fills one column."""
    return np.array([levels] * 4, np.uint8)


BY_HAND = {
    'EN': (image(1, 1, 2, 3), image(0, 0, 0, 0), image(0, 0, 0, 0), 1.5),
    'SD': (image(0, 2, 4, 10), image(0, 0, 0, 0), image(0, 0, 0, 0), math.sqrt(14)),
    'SF': (image(0, 3, 7, 7), image(0, 0, 0, 0), image(0, 0, 0, 0), math.sqrt((9 + 16) / 3)),
    'AG': (
        # Columns differ by 3, 3.5, 2 and 0, rows not at all; 4 rows of them over 3 x 3.
        image(0, 3, 7, 7), image(0, 0, 0, 0), image(0, 0, 0, 0), 4 * 8.5 / math.sqrt(2) / 9,
    ),
    'MI': (image(0, 0, 1, 1), image(5, 5, 9, 9), image(0, 1, 0, 1), 1 + 0),
    'NMI': (image(0, 0, 1, 1), image(5, 5, 9, 9), image(0, 1, 0, 1), 2 * 1 / (1 + 1)),
    'CE': (
        # p = 1/2, 1/2 and q = 1/4, 3/4; the infrared histogram is that of the fused image.
        image(0, 1, 1, 1), image(0, 0, 1, 1), image(1, 1, 1, 0), (1 - math.log2(3) / 2) / 2,
    ),
    'CC': (image(1, 2, 3, 4), image(2, 4, 6, 8), image(1, 3, 2, 4), (1 + 0.8) / 2),
    'SCD': (
        # F = V + 2 IR of uncorrelated sources: F - V is IR, F - IR is V + IR.
        image(0, 2, 1, 3), image(0, 0, 1, 1), image(0, 1, 0, 1), 1 + 1 / math.sqrt(2),
    ),
    'MSE': (image(0, 255, 0, 255), image(255, 255, 0, 255), image(0, 255, 0, 204),
            (1 / 4 + 0.2**2 / 4) / 2),
    'PSNR': (image(0, 255, 0, 255), image(255, 255, 0, 0), image(0, 255, 0, 255),
             10 * math.log10(4)),
}  # fmt: skip


@pytest.mark.parametrize('name', BY_HAND)
def test_value_by_hand(name):
    *images, expected = BY_HAND[name]
    assert value(name, *images) == pytest.approx(expected, rel=1e-12)


def test_qabf_by_hand():
    """An edge that is kept as it is, and one that is kept half as strong."""
    square, nothing = np.zeros((2, 8, 8), np.uint8)
    square[2:6, 2:6] = 100
    for fused, ratio in (square, 1), (square // 2, 0.5):
        strength = 0.9994 / (1 + math.exp(-15 * (ratio - 0.5)))
        orientation = 0.9879 / (1 + math.exp(-22 * (1 - 0.8)))
        assert value('Qabf', fused, square, nothing) == pytest.approx(strength * orientation)


def test_structural_similarity_against_scikit_image(scene):
    scene = [np.tile(image, (2, 2)) for image in scene]  # so large that some would shrink it
    fused = np.maximum(*scene)
    maps = [
        structural_similarity(
            fused * 1.0, source * 1.0, gaussian_weights=True, sigma=1.5, full=True,
            use_sample_covariance=False, data_range=255,
        )[1][5:-5, 5:-5]
        for source in scene
    ]  # fmt: skip
    assert value('SSIM', fused, *scene) == pytest.approx(np.mean(maps), abs=1e-12)


def test_structural_similarity_of_cddfuse_is_scikit_images_of_a_range_of_2(scene):
    fused, *sources = (image.astype(np.float32) for image in (np.maximum(*scene), *scene))
    expected = sum(structural_similarity(fused, source, data_range=2) for source in sources)
    calculated = evaluate_images(fused, *sources, ['SSIM'], 'cddfuse')['SSIM']
    assert calculated == pytest.approx(expected, abs=1e-12)


def zoo_fidelity(reference, distorted):
    """In windows that begin a pixel too far to the left and above, on a ground of zeros."""
    reference, distorted = reference.astype(float), distorted.astype(float)
    kept = total = 0
    for size in (17, 9, 5, 3):
        line = np.exp(-(np.linspace(-(size + 1) / 2, (size - 1) / 2, size) ** 2) * 12.5 / size**2)
        window = np.outer(line, line)[::-1, ::-1] / line.sum() ** 2  # as convolve2d turns it back
        if size < 17:
            reference, distorted = (
                convolve2d(image, window, 'same')[::2, ::2] for image in (reference, distorted)
            )
        padded = (np.pad(image, size // 2) for image in (reference, distorted))
        _, _, variances, others, covariances = moments(*padded, window)
        for variance, other, covariance in zip(
            flat(variances), flat(others), flat(covariances), strict=True
        ):
            gain = max(covariance / variance, 0) if min(variance, other) > 1e-10 else 0
            noise = max(other - gain * covariance, 1e-10)
            kept += math.log(1 + gain**2 * max(variance, 0) / (noise + 2))
            total += math.log(1 + max(variance, 0) / 2)
    return kept / total


def test_fidelity_of_ivif_zoo(scene):
    visible, infrared = (image[:91, :60] for image in scene)
    fused = ((2 * visible.astype(int) + infrared) // 3).astype(np.uint8)
    expected = zoo_fidelity(visible, fused) + zoo_fidelity(infrared, fused)
    calculated = evaluate_images(fused, visible, infrared, ['VIF'], 'ivif-zoo')['VIF']
    assert calculated == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize('size', [(176, 192), (189, 181)])
def test_similarities_of_ivif_zoo_are_those_of_a_range_of_1(scene, size):
    def similarity(x, y):
        return structural_similarity(
            x.astype(float), y.astype(float), gaussian_weights=True, sigma=1.5, full=True,
            use_sample_covariance=False, data_range=1,
        )[1][5:-5, 5:-5].mean()  # fmt: skip

    def scales(image):
        image = torch.as_tensor(image)[None, None].double()
        for _ in range(4):
            yield image[0, 0].numpy()
            odd = [side % 2 for side in image.shape[2:]]
            image = torch.nn.functional.avg_pool2d(image, 2, padding=odd)
        yield image[0, 0].numpy()

    def multi_scale(x, y):
        product = 1
        for scale, (a, b) in enumerate(zip(scales(x), scales(y), strict=True)):
            value = similarity(a, b)
            if scale < 4:
                a_mean, b_mean, aa, bb, ab = moments(a, b, gaussian(11, 1.5))
                value = ((2 * ab + 0.03**2) / (aa + bb + 0.03**2)).mean()
            product *= value ** (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)[scale]
        return product

    noise = np.random.default_rng(0).integers(0, 20, size)
    visible, infrared = ((image[: size[0], : size[1]] * 0.9 + noise) for image in scene)
    visible, infrared = (np.clip(image, 0, 255).astype(np.uint8) for image in (visible, infrared))
    fused = np.maximum(visible, infrared)
    values = evaluate_images(fused, visible, infrared, ['SSIM', 'MS-SSIM'], 'ivif-zoo')
    for name, plain in (('SSIM', similarity), ('MS-SSIM', multi_scale)):
        expected = plain(visible, fused) + plain(infrared, fused)
        assert values[name] == pytest.approx(expected, abs=1e-4)


def test_faint_edges_do_not_count_in_ivif_zoo(tiny):
    fused, *sources = (image // 64 for image in tiny)  # edges below 2
    assert math.isnan(evaluate_images(fused, *sources, ['Nabf'], 'ivif-zoo')['Nabf'])
    fused, *sources = tiny
    wanted = value('Nabf', fused, *sources)
    calculated = evaluate_images(fused, *sources, ['Nabf'], 'ivif-zoo')['Nabf']
    assert calculated == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize(('name', 'plain', 'weight'), [('VIF', vif, 1), ('MS-SSIM', ms_ssim, 0.5)])
def test_several_scales(name, plain, weight, scene):
    visible, infrared = (image[:, :192] for image in scene)  # even at all scales
    fused = ((2 * visible.astype(int) + infrared) // 3).astype(np.uint8)
    expected = weight * (plain(visible, fused) + plain(infrared, fused))
    assert value(name, fused, visible, infrared) == pytest.approx(expected, rel=1e-6)


PIQ = {
    'SSIM': lambda fused, source: piq.ssim(fused, source, downsample=False) / 2,
    'MS-SSIM': lambda fused, source: piq.multi_scale_ssim(fused, source) / 2,
    'VIF': piq.vif_p,
}


def pictures(size):
    """Fused and two sources: noise, structures, flat parts, flat ones, one pixel that differs."""
    noise = np.random.default_rng(0).integers(0, 256, (3, *size), np.uint8)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = (127 + 100 * np.sin(x / 7) * np.cos(y / 5)).astype(np.uint8)
    ramp = (255 * x // size[1]).astype(np.uint8)
    steps = np.where([x > size[1] // 2, y > size[0] // 3], 200, 0).astype(np.uint8)
    flat, spot = np.full(size, 90, np.uint8), np.zeros(size, np.uint8)
    spot[0, 0] = 1
    yield from (noise, (waves // 2 + ramp // 2, waves, ramp), (steps.max(0), *steps))
    yield from ((255 - waves, waves, ramp), (flat, waves, ramp), (flat, flat, flat + 100))
    yield from ((spot, spot, waves), (waves * 0.37, waves.astype(np.float32), ramp / 2))


@pytest.mark.parametrize(
    ('name', 'size'),
    [
        *[('SSIM', size) for size in ((11, 11), (11, 30), (76, 101))],
        *[('VIF', size) for size in ((41, 41), (41, 60), (76, 101))],
        *[('MS-SSIM', size) for size in ((161, 161), (161, 176), (176, 161), (183, 202))],
    ],
)
def test_structure_against_piq(name, size):
    """In float64: in float32, as it is used mostly, piq is up to 6e-3 off on flat parts."""
    for images in pictures(size):
        fused, *sources = (
            torch.as_tensor(x, dtype=torch.float64)[None, None] / 255 for x in images
        )
        if name == 'VIF' and any(np.ptp(source) == 0 for source in images[1:]):
            assert math.isnan(value(name, *images))
        else:
            expected = sum(float(PIQ[name](fused, source)) for source in sources)
            assert value(name, *images) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(('name', 'side'), [('SSIM', 11), ('VIF', 41), ('MS-SSIM', 161)])
def test_sides_below_the_window_are_undefined(name, side):
    noise = np.random.default_rng(0).integers(0, 256, (3, side, side), np.uint8)
    assert math.isfinite(value(name, *noise))
    assert math.isnan(value(name, *noise[:, 1:]))
    assert math.isnan(value(name, *noise[:, :, 1:]))


class TestLiu:
    """The toolbox's formulas, pixel by pixel; where it errs, so do they."""

    @pytest.fixture
    def images(self):
        """With levels 0 and 255, so that its stretch changes nothing; edges and flat parts."""
        images = np.random.default_rng(5).integers(0, 256, (3, 13, 14), np.uint8)
        images[:, :2, :2] = 0, 255
        images[1, 6:, :7] = 90
        return images

    def values(self, images, *names):
        return evaluate_images(*images, list(names), 'liu').values()

    def test_tsallis_information(self, images):
        q = 0.43137

        def shared(x, y):
            x, y = flat(x), flat(y)
            of_x, of_y, both = Counter(x), Counter(y), Counter(zip(x, y, strict=True))
            n = len(x)
            total = sum(
                (count / n) ** q * (of_y[a] / n * of_x[b] / n) ** (1 - q)
                for (a, b), count in both.items()
            )
            return (1 - total) / (1 - q)

        fused, visible, infrared = images // 64 * 85  # few levels, so that both marginals have them
        entropies = sum(entropy(flat(x)) ** q for x in (visible, infrared))
        expected = shared(visible, fused) + shared(infrared, fused)
        expected /= entropies + shared(visible, infrared)
        assert [*self.values((fused, visible, infrared), 'Q_TE')] == pytest.approx([expected])

    def test_nonlinear_correlation(self, images):
        fused, visible, infrared = images
        a, b, c = (
            information(*pair) / 8
            for pair in ((visible, infrared), (visible, fused), (infrared, fused))
        )
        # det(M - e) = 0 with e = 1 + d
        roots = np.roots([-1, 0, a * a + b * b + c * c, 2 * a * b * c]).real + 1
        expected = 1 + sum(e / 3 * math.log2(e / 3) for e in roots) / 8
        assert [*self.values(images, 'Q_NCIE')] == pytest.approx([expected])

    def test_edge_preservation(self, images):
        edges = [sobel(image, 'zero') for image in images]
        total = 0
        for at in np.ndindex(images[0].shape):
            kept = weights = 0
            (fx, fy), *sources = ((dx[at], dy[at]) for dx, dy in edges)
            for dx, dy in sources:
                g, f = (math.hypot(*slope) or 1e-5 for slope in ((dx, dy), (fx, fy)))
                angle = abs(math.atan(dy / (dx or 1e-5)) - math.atan(fy / (fx or 1e-5)))
                ratio, alignment = min(g, f) / max(g, f), abs(angle - math.pi / 2) * 2 / math.pi
                quality = 1 / (1 + math.exp(-10 * (ratio - 0.5)))
                quality /= 1 + math.exp(-20 * (alignment - 0.75))
                kept, weights = kept + quality * g, weights + g
            total += kept / weights
        expected = total / images[0].size
        assert [*self.values(images, 'Q_G')] == pytest.approx([expected], rel=1e-6)

    def test_similarities(self, images):
        fused, *sources = images.astype(float)

        def similar(x, y, size, c1, c2):
            x_mean, y_mean, xx, yy, xy = moments(x, y, gaussian(size, 1.5))
            value = (2 * x_mean * y_mean + c1) * (2 * xy + c2)
            return value / ((x_mean**2 + y_mean**2 + c1) * (xx + yy + c2)), xx, xy

        (a, a_variance, _), (b, b_variance, _) = (
            similar(source, fused, 11, 2.55**2, 7.65**2) for source in sources
        )
        piella = (a_variance * a + b_variance * b) / (a_variance + b_variance)
        (a, a_variance, a_covariance), (b, b_variance, b_covariance) = (
            similar(source, fused, 7, 2e-16, 2e-16) for source in sources
        )
        share = a_covariance / (a_covariance + b_covariance)
        cvejic = np.array(
            [
                0 if w < 0 else 1 if w > 1 else w * x + (1 - w) * y
                for w, x, y in zip(flat(share), flat(a), flat(b), strict=True)
            ]
        )
        expected = [piella.mean(), cvejic.mean()]
        assert [*self.values(images, 'Q_S', 'Q_C')] == pytest.approx(expected, rel=1e-6)

        near = sources[0] * 0.9 + fused * 0.1
        for pair in (sources, (sources[0], near)):
            (a, a_variance, _), (b, b_variance, _) = (
                similar(source, fused, 7, 2e-16, 2e-16) for source in pair
            )
            alike = similar(*pair, 7, 2e-16, 2e-16)[0] >= 0.75
            weighted = (a_variance * a + b_variance * b) / (a_variance + b_variance)
            expected = np.where(alike, weighted, np.maximum(a, b)).mean()
            calculated = self.values((fused, *pair), 'Q_Y')
            assert [*calculated] == pytest.approx([expected], rel=1e-6)
        assert 0 < alike.mean() < 1

    def test_what_vifb_took_of_it(self, scene):
        fused = np.maximum(*scene)
        names = ['Qcb', 'Qcv']
        expected = evaluate_images(fused, *scene, names, 'vifb')
        assert evaluate_images(fused, *scene, names, 'liu') == expected
