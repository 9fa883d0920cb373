"""The pairs of L-BFGS: their direction against the matrix that it stands for, and what joining them keeps."""

import numpy as np
import pytest
from objective.problems import problem

from multilogit._objective.conversation import answer
from multilogit._solvers.lbfgs import LBFGS
from multilogit._solvers.metric import DiagonalMetric, measure
from multilogit._solvers.secants import Secants

SHAPE = (5, 1, 3)


def metric_named(name):
    if name == "diagonal":
        return DiagonalMetric(np.random.default_rng(7).uniform(0.5, 2.0, size=SHAPE))
    objective = problem(3)
    return answer(measure(objective, objective.layout.zeros()))[0]


def after(count, metric, most, n_threads=1):
    """Return the pairs of a quadratic's steps, the curvature, and the last gradient with its inner products."""
    rng = np.random.default_rng(3)
    root = rng.normal(size=(15, 15))
    curvature = root @ root.T + np.eye(15)
    pairs, gradient, slopes = Secants(most), rng.normal(size=SHAPE), np.zeros(0)
    for _ in range(count):
        s = rng.normal(size=SHAPE)
        y = (curvature @ s.ravel()).reshape(SHAPE)
        gradient = gradient + y
        pairs, slopes = pairs.joined_by(s, y, gradient, metric, n_threads)
    return pairs, curvature, gradient, slopes


@pytest.mark.parametrize("name", ["diagonal", "Gram"])
@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_the_direction_is_that_of_the_bfgs_matrix(name, count):
    """H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y over the pairs, from the scaled inverse metric."""
    metric = metric_named(name)
    pairs, _, gradient, slopes = after(count, metric, most=4)
    assert len(pairs) == min(count, 4)
    H = np.array([metric.solve(e.reshape(SHAPE)).ravel() for e in np.eye(15)])
    flat = [(s.ravel(), y.ravel()) for s, y in zip(pairs.s, pairs.y, strict=True)]
    scales = [s @ y / (y @ H @ y) for s, y in flat]
    H = H * (np.exp(np.mean(np.log(scales))) if scales else 1.0)
    for s, y in flat:
        V = np.eye(15) - np.outer(y, s) / (s @ y)
        H = V.T @ H @ V + np.outer(s, s) / (s @ y)
    expected = -H @ gradient.ravel()
    before = gradient.copy()
    found = pairs.direction(metric, gradient, slopes, 1)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-11 * np.abs(expected).max())
    np.testing.assert_array_equal(gradient, before)


def test_the_secant_equation():
    """The approximation maps the last y to the last s."""
    metric = metric_named("diagonal")
    pairs, *_ = after(5, metric, most=10)
    y = pairs.y[-1]
    found = pairs.direction(metric, y, pairs.slopes(y, 1), 1)
    np.testing.assert_allclose(found, -pairs.s[-1], atol=1e-11)


def test_what_is_kept_are_the_inner_products():
    metric = metric_named("Gram")
    pairs, curvature, gradient, slopes = after(6, metric, most=4)
    S = np.array([s.ravel() for s in pairs.s])
    np.testing.assert_allclose(pairs.products, np.triu(S @ curvature @ S.T), rtol=1e-12)
    np.testing.assert_allclose(slopes, S @ gradient.ravel(), rtol=1e-12)
    np.testing.assert_allclose(pairs.slopes(gradient, 1), slopes, rtol=1e-14)
    other = metric_named("diagonal")
    moved = pairs.under(other, 1)
    squares = [np.vdot(y, other.inverse * y) for y in pairs.y]
    np.testing.assert_allclose(moved.scales, np.diag(pairs.products) / squares, rtol=1e-13)
    assert moved.s is pairs.s


@pytest.mark.parametrize("curvature", [0.0, -1.0, np.nan])
def test_a_pair_without_curvature_is_not_taken(curvature):
    metric = metric_named("diagonal")
    pairs, _, gradient, slopes = after(2, metric, most=4)
    s = np.zeros(SHAPE)
    s[0] = 1.0
    same, again = pairs.joined_by(s, curvature * s, gradient, metric, 1)
    assert same is pairs
    np.testing.assert_allclose(again, slopes, rtol=1e-14)


def test_the_steps_of_a_fit_have_the_direction_of_their_pairs():
    objective, solver = problem(4, weighted=True), LBFGS(memory=3)
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(6):
        state = answer(solver.step(objective, state))
        gradient = state.gradient
        expected = state.pairs.direction(state.metric, gradient, state.pairs.slopes(gradient, 1), 1)
        np.testing.assert_allclose(state.direction, expected, atol=1e-13 * np.abs(expected).max())
        np.testing.assert_allclose(state.decrement**2, -np.vdot(gradient, expected), rtol=1e-12)
    assert len(state.pairs) == 3
