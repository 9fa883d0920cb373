"""The double-double gradient of every core against mpmath on the data as they are, and against float64.

The compiled one is held to the bound of its docstring; that the data are the same in other types, strides and
threads is in test_exact_gradient_native.py.
"""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, parameters, problem
from tables import PROBLEMS

from multilogit import _kernels
from multilogit._objective.exact_gradient import exact_gradient, reference_gradient
from multilogit._objective.sums import Want

LEVELS = _kernels.native.levels() if _kernels.native else []


@pytest.fixture(params=["reference", *LEVELS])
def gradient(request):
    """Return the gradient of the reference, or the compiled one of one level."""
    if request.param == "reference":
        yield reference_gradient
        return
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield exact_gradient
    _kernels.native.select_level(before)


def mp_gradient(objective, theta):
    """Return the gradient of one problem, (D', K'), as mpmath numbers."""
    brute = Brute.of(objective)
    mpf = np.vectorize(mpmath.mpf, otypes=[object])
    exp = np.vectorize(mpmath.exp, otypes=[object])
    X, layout = dense(objective), objective.layout
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


def dense(objective):
    source = objective.source
    return source.X.toarray() if source.sparse else np.asarray(source.X)


def sizes(objective, theta):
    """Return ``(1 + s) sum_i c_i |a_id| (m_i p_ik + y_ik)`` (D', K'), what the docstring's bound is relative to."""
    brute, source = Brute.of(objective), objective.source
    A = np.abs(brute.A)
    if source.sparse:
        A[:, : source.n_features] = np.abs(dense(objective)) + np.abs(source.centre)
    T = np.abs(theta[:, 0]) @ brute.E
    s = (A @ T + np.abs(brute.offset)).max(initial=0.0)
    P = brute.present * np.exp(brute.log_probability(theta[:, 0]))
    terms = brute.c[:, None] * (brute.Y.sum(axis=1, keepdims=True) * P + brute.Y)
    return (1 + s) * (A.T @ terms @ brute.E.T)


def bound(objective, theta, gradient):
    D = objective.layout.n_features
    return sizes(objective, theta) * (2.0**-80 if gradient is reference_gradient else (D + 200) * 2.0**-100)


def assert_exact(gradient, objective, theta, digits=2.0**-52):
    """Check every entry to one rounding of itself and the bound of the docstring."""
    with mpmath.workdps(80):
        exact = mp_gradient(objective, theta)
        ours = gradient(objective, theta)[:, 0]
        allowed = bound(objective, theta, gradient)
        for index, truth in np.ndenumerate(exact):
            assert abs(mpmath.mpf(float(ours[index])) - truth) <= abs(truth) * digits + mpmath.mpf(
                float(allowed[index])
            )


@pytest.mark.parametrize(
    "name",
    ["binary", "binary, no intercept", "three classes", "three classes, one out of play", "five classes, all at once"],
)
def test_every_entry_to_its_last_digit_at_the_optimum(gradient, name):
    """There the gradient is a difference of equal sums; float64 has no digit of it."""
    objective = problem(**PROBLEMS[name], N=20)
    _, best = Brute.of(objective).minimum()
    theta = best[:, None]
    G = gradient(objective, theta)
    assert_exact(gradient, objective, theta, digits=1e-15)
    plain = objective.evaluate(theta, Want.GRADIENT).gradient
    assert np.abs(G - plain).max() > 1e-20  # else the test shows nothing


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_entry_where_every_row_cancels(gradient, name):
    """The targets are the rounded probabilities: what is left of each residual is the rounding of float64."""
    objective = problem(**PROBLEMS[name])
    theta = parameters(objective)
    brute = Brute.of(objective)
    P = np.where(brute.present, np.exp(brute.log_probability(theta[:, 0])), 0.0)
    objective = replace(objective, source=replace(objective.source, targets=P))
    unpenalised = replace(objective, penalty=replace(objective.penalty, strength=0 * objective.penalty.strength))
    assert np.abs(gradient(unpenalised, theta)).max() < 1e-13 * sizes(objective, theta).max()
    assert_exact(gradient, objective, theta)
    assert_exact(gradient, unpenalised, theta)


def test_columns_and_weights_of_wild_scales(gradient):
    """Scales from 1e-8 to 1e8 beside each other, far from zero: relative to each column, all digits are there."""
    rng = np.random.default_rng(0)
    scales = np.array([1e-8, 1.0, 1e8])
    X = (rng.normal(size=(25, 3)) + 3000) * scales
    objective = objective_of(X, np.arange(25) % 3, 3, C=np.inf, weight=rng.uniform(0.1, 10, 25), rows_per_block=8)
    theta = parameters(objective, 0.5)
    theta[:3] /= scales[:, None, None]
    with mpmath.workdps(60):
        exact = mp_gradient(objective, theta).astype(float)
    np.testing.assert_allclose(gradient(objective, theta)[:, 0], exact, rtol=1e-15, atol=0)
    assert_exact(gradient, objective, theta)


def test_columns_at_the_ends_of_the_range(gradient):
    """From 1e-100 to 1e100: nothing over- or underflows on the way."""
    rng = np.random.default_rng(1)
    scales = np.array([1e-100, 1e-50, 1.0, 1e50, 1e100])
    X = (rng.normal(size=(25, 5)) + 10) * scales
    objective = objective_of(X, np.arange(25) % 4, 4, C=np.inf)
    theta = parameters(objective, 0.5)
    theta[:5] /= scales[:, None, None]
    with mpmath.workdps(400):
        exact = mp_gradient(objective, theta).astype(float)
    np.testing.assert_allclose(gradient(objective, theta)[:, 0], exact, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", PROBLEMS)
def test_equals_the_float64_gradient_to_its_rounding(gradient, name):
    objective = problem(**PROBLEMS[name])
    theta = parameters(objective)
    plain = objective.evaluate(theta, Want.GRADIENT).gradient
    np.testing.assert_allclose(gradient(objective, theta), plain, atol=1e-13 * np.abs(plain).max())


def test_a_row_that_is_certain_keeps_its_residual(gradient):
    objective = objective_of(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, C=np.inf)
    G = gradient(objective, np.array([[[60.0]], [[0.0]]]))
    np.testing.assert_allclose(G.ravel(), [-2 * np.exp(-60.0), 0.0], rtol=1e-15, atol=1e-40)


@pytest.mark.parametrize("certainty", [50.0, 300.0, 690.0])
def test_certain_rows_of_three_classes_keep_theirs(gradient, certainty):
    """Also that of the certain class, which is minus the sum of the others."""
    objective = objective_of(np.array([[0.0], [1.0]]), np.array([0, 0]), 3, C=np.inf)
    objective = replace(objective, source=replace(objective.source, centre=np.zeros(1)))
    theta = np.array([[[0.0, 0.0, 0.0]], [[certainty, 0.0, np.log(2.0)]]])
    G = gradient(objective, theta)[1, 0]
    np.testing.assert_allclose(G, 2 * np.exp(-certainty) * np.array([-3.0, 1.0, 2.0]), rtol=1e-13, atol=0)


def test_a_column_without_values_has_the_penalty_alone(gradient):
    X = np.column_stack([np.arange(6.0), np.zeros(6)])
    objective = objective_of(X, np.arange(6) % 3, 3)
    theta = parameters(objective)
    np.testing.assert_array_equal(gradient(objective, theta)[1], theta[1])
