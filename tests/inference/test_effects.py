"""Average changes against their definition, and against the derivative where the step is small."""

import numpy as np
import pytest
from scipy.special import softmax

from multilogit.inference import Effect, average_change


def test_definition_and_zero_sum():
    rng = np.random.default_rng(0)
    Z, w, low, high = rng.normal(size=(50, 4)), rng.random(50), rng.normal(size=4), rng.normal(size=4)
    found = average_change(Z, w, low, high)
    truth = np.average(softmax(Z + high, axis=1) - softmax(Z + low, axis=1), axis=0, weights=w)
    np.testing.assert_allclose(found, truth, atol=1e-15)
    assert found.sum() == pytest.approx(0.0, abs=1e-15)


def test_a_small_step_is_the_jacobian():
    rng = np.random.default_rng(1)
    Z, coef, h = rng.normal(size=(30, 3)), rng.normal(size=3), 1e-5
    P = softmax(Z, axis=1)
    slope = (P * (coef - (P @ coef)[:, None])).mean(axis=0)
    np.testing.assert_allclose(average_change(Z, np.ones(30), -0.5 * h * coef, 0.5 * h * coef) / h, slope, atol=1e-10)


def test_strength_is_the_probability_that_moves():
    assert Effect("x", "", (0.25, -0.2, -0.05)).strength == pytest.approx(0.25)
