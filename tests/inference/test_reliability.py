"""Calibrated predictions pass, overconfident ones do not."""

import numpy as np
import pytest
from scipy.stats import chi2

from multilogit.inference import reliability


def claims(power, N=5_000, seed=0):
    """Return confidences and outcomes; with a power below one the claims are too bold."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.5, 1.0, size=N)
    return p, (rng.random(N) < p ** (1 / power)).astype(float)


def test_true_claims_are_not_rejected():
    p_values = [reliability(*claims(1.0, seed=seed), np.ones(5_000)).p_value for seed in range(40)]
    assert np.mean(np.array(p_values) < 0.1) < 0.3
    assert np.mean(p_values) > 0.3


def test_bold_claims_are_rejected():
    found = reliability(*claims(0.5), np.ones(5_000))
    assert found.p_value == 1 / 2001
    assert found.error > 0.05


def test_bins_hold_equally_many_rows():
    found = reliability(*claims(1.0), np.ones(5_000))
    assert found.weight == (500.0,) * 10
    assert list(found.confidence) == sorted(found.confidence)
    assert all(low <= right <= high for low, right, high in zip(found.low, found.right, found.high, strict=True))


def test_few_rows_have_few_bins():
    found = reliability(np.array([0.9, 0.8]), np.array([1.0, 0.0]), np.ones(2))
    assert len(found.weight) == 1
    assert found.error == pytest.approx(0.35)


def test_certain_and_right_is_no_evidence_against():
    assert reliability(np.ones(100), np.ones(100), np.ones(100)).p_value == 1.0


def test_one_bin_by_hand():
    """Wilson's interval of 3 in 4 is 0.3006 to 0.9544; the bin's sum has a variance of 4 x 0.16."""
    found = reliability(np.full(4, 0.8), np.array([1.0, 1.0, 1.0, 0.0]), np.ones(4))
    assert (found.confidence, found.right, found.weight) == ((pytest.approx(0.8),), (0.75,), (4.0,))
    assert (found.low[0], found.high[0]) == (pytest.approx(0.3006, abs=1e-4), pytest.approx(0.9544, abs=1e-4))
    assert found.error == pytest.approx(0.05)
    assert found.p_value == 1.0  # no share of four rows is nearer to 0.8
    assert reliability(np.full(4, 0.8), np.zeros(4), np.ones(4)).p_value == pytest.approx(0.2**4, abs=0.003)


def test_the_scale_of_the_weights_does_not_matter():
    p, right = claims(0.8, N=400)
    w = np.random.default_rng(0).uniform(0.5, 2.0, 400)
    once, again = reliability(p, right, w), reliability(p, right, 7.0 * w)
    assert again.p_value == pytest.approx(once.p_value, rel=1e-9)
    assert again.low == pytest.approx(once.low, rel=1e-12)
    assert again.error == pytest.approx(once.error, rel=1e-12)


def test_one_mistake_among_confident_rows_proves_nothing():
    """Chi-square would call a single mistake where 0.01 are expected ten standard deviations."""
    right = np.ones(1_000)
    right[500] = 0.0
    assert reliability(np.full(1_000, 0.9999), right, np.ones(1_000)).p_value > 0.05


def test_the_p_value_agrees_with_chi_square_where_that_holds():
    p, right = claims(1.0)
    found = reliability(p, right, np.ones(len(p)))
    mean, share, size = np.array(found.confidence), np.array(found.right), np.array(found.weight)
    expected = chi2.sf((size * (mean - share) ** 2 / (mean * (1 - mean))).sum(), len(mean))
    assert found.p_value == pytest.approx(expected, abs=0.05)
