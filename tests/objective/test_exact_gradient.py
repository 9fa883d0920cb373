"""The double-double gradient against mpmath on the data as they are, and against float64 everywhere else."""

import mpmath
import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, parameters, problem
from tables import PROBLEMS

from multilogit._objective.exact_gradient import exact_gradient
from multilogit._objective.sums import Want


def mp_gradient(objective, theta):
    """Return the gradient of one problem, (D', K'), as mpmath numbers."""
    brute = Brute.of(objective)
    mpf = np.vectorize(mpmath.mpf, otypes=[object])
    exp = np.vectorize(mpmath.exp, otypes=[object])
    X, layout = np.asarray(objective.source.X), objective.layout
    A = mpf(X) - mpf(objective.source.centre)
    if layout.fit_intercept:
        A = np.column_stack([A, np.full(len(A), mpmath.mpf(1))])
    T = mpf(theta[:, 0])
    logits = A @ T @ brute.E.astype(int).astype(object) + mpf(brute.offset)
    e = exp(logits) * brute.present.astype(int)
    P = e / e.sum(axis=1, keepdims=True)
    Y = mpf(brute.Y)
    c = mpf(objective.scale[0]) * mpf(objective.source.weight[:, :1])
    residual = c * (Y.sum(axis=1, keepdims=True) * P - Y)
    return A.T @ residual @ brute.E.T.astype(int).astype(object) + mpf(brute.strength)[:, None] * T


@pytest.mark.parametrize(
    "name",
    ["binary", "binary, no intercept", "three classes", "three classes, one out of play", "five classes, all at once"],
)
def test_every_entry_to_its_last_digit_at_the_optimum(name):
    """There the gradient is a difference of equal sums; float64 has no digit of it."""
    objective = problem(**PROBLEMS[name], N=20)
    _, best = Brute.of(objective).minimum()
    theta = best[:, None]
    G = exact_gradient(objective, theta)
    with mpmath.workdps(60):
        exact = mp_gradient(objective, theta)
        size = np.abs(Brute.of(objective).A).max(axis=0) * np.abs(objective.scale[0]) * 20
        for d, row in enumerate(exact):
            for k, truth in enumerate(row):
                assert abs(mpmath.mpf(float(G[d, 0, k])) - truth) <= abs(truth) * 1e-15 + 1e-27 * size[d]
    plain = objective.evaluate(theta, Want.GRADIENT).gradient
    assert np.abs(G - plain).max() > 1e-20  # else the test shows nothing


def test_columns_and_weights_of_wild_scales():
    """Scales from 1e-8 to 1e8 beside each other, far from zero: relative to each column, all digits are there."""
    rng = np.random.default_rng(0)
    scales = np.array([1e-8, 1.0, 1e8])
    X = (rng.normal(size=(25, 3)) + 3000) * scales
    objective = objective_of(X, np.arange(25) % 3, 3, C=np.inf, weight=rng.uniform(0.1, 10, 25), rows_per_block=8)
    theta = parameters(objective, 0.5)
    theta[:3] /= scales[:, None, None]
    with mpmath.workdps(60):
        exact = mp_gradient(objective, theta).astype(float)
    np.testing.assert_allclose(exact_gradient(objective, theta)[:, 0], exact, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", PROBLEMS)
def test_equals_the_float64_gradient_to_its_rounding(name):
    objective = problem(**PROBLEMS[name])
    theta = parameters(objective)
    plain = objective.evaluate(theta, Want.GRADIENT).gradient
    np.testing.assert_allclose(exact_gradient(objective, theta), plain, atol=1e-13 * np.abs(plain).max())


def test_a_row_that_is_certain_keeps_its_residual():
    objective = objective_of(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, C=np.inf)
    G = exact_gradient(objective, np.array([[[60.0]], [[0.0]]]))
    np.testing.assert_allclose(G.ravel(), [-2 * np.exp(-60.0), 0.0], rtol=1e-15, atol=1e-40)
