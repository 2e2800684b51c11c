"""p values against scipy, and against every combination of signs."""

from itertools import product

import numpy as np
import pytest
import scipy.stats

from bffr.evaluation.significance import holm, wilcoxon


@pytest.mark.parametrize('count', [1, 2, 7, 10, 42])
def test_without_ties_as_scipy(count):
    differences = np.random.default_rng(count).normal(0.3, 1, count)
    expected = scipy.stats.wilcoxon(differences, method='exact').pvalue
    assert wilcoxon(differences) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('values', [[1, 1, 2, -3, 3], [0, 0, 0.5, 0.5, 0.5, -0.5], [-4, -4], [2]])
def test_ties_as_counted(values):
    """The share of all signs of the ranks whose sum is as far from 0, or farther."""
    values = np.array(values, dtype=float)
    ranks = scipy.stats.rankdata(np.abs(values[values != 0]))
    signs = np.array([*product((-1, 1), repeat=len(ranks))])
    sums = np.abs(signs @ ranks)
    own = abs(np.sign(values[values != 0]) @ ranks)
    assert wilcoxon(values) == pytest.approx((sums >= own).mean())


def test_no_difference_at_all():
    assert wilcoxon(np.zeros(5)) == 1


@pytest.mark.parametrize(('count', 'agree'), [(300, 0.02), (301, 1e-12), (5000, 1e-12)])
def test_many_images(count, agree):
    differences = np.random.default_rng(1).normal(0.02, 1, 2 * count).round(1)  # many ties
    differences = np.append(differences[differences != 0][:count], [0, 0])
    expected = scipy.stats.wilcoxon(differences, method='asymptotic').pvalue
    assert wilcoxon(differences) == pytest.approx(expected, rel=agree)
    assert wilcoxon(-differences) == wilcoxon(differences)


def test_holm():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1, 1]
    assert holm([]) == []
