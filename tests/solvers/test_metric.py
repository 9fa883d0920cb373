"""The Gram metric and the diagonal: what they invert, when which, and the sampling."""

from dataclasses import replace

import numpy as np
import pytest
from objective.problems import objective_of, parameters, problem
from scipy import sparse

from multilogit._objective.conversation import answer
from multilogit._objective.sums import Want
from multilogit._solvers import metric as module
from multilogit._solvers.metric import DiagonalMetric, GramMetric, measure


@pytest.mark.parametrize("K", [2, 3, 5])
def test_the_gram_metric_inverts_the_gram_matrix(K):
    objective = problem(K, weighted=True)
    theta = parameters(objective)
    metric, effort = answer(measure(objective, theta))
    assert isinstance(metric, GramMetric)
    assert effort.passes == 1
    M = objective.evaluate(theta, Want.GRAM).gram[0]
    V = np.random.default_rng(0).normal(size=objective.layout.shape)
    np.testing.assert_allclose(metric.solve(np.einsum("de,erk->drk", M, V)), V, atol=1e-11)


@pytest.mark.parametrize("K", [2, 3, 4, 50])
def test_the_first_metric_lies_half_way_between_the_hessian_and_boehnings_bound(K):
    """At zero the curvature is s_i = 1/K (1/4 for two classes), and nowhere above 1/2: a step is neither too long nor
    far too short."""
    objective = problem(K, N=100)
    theta = objective.layout.zeros()
    metric, _ = answer(measure(objective, theta, start=True))
    A = np.column_stack([objective.source.X - objective.source.centre, np.ones(100)])
    penalty = np.diag([1.0] * 4 + [0.0])
    here = (0.25 if K == 2 else 1.0 / K) * A.T @ A + penalty
    bound = here if K == 2 else K / 2 * here
    V = np.random.default_rng(0).normal(size=objective.layout.shape)
    expected = np.sqrt(here * bound) * np.sign(here)
    np.testing.assert_allclose(metric.solve(np.einsum("de,erk->drk", expected, V)), V, atol=1e-10)


@pytest.mark.parametrize("metric", ["Gram", "diagonal"])
@pytest.mark.parametrize("K", [2, 3])
def test_a_square_is_the_inner_product_with_the_solution(monkeypatch, metric, K):
    if metric == "diagonal":
        monkeypatch.setattr(module, "WIDEST_GRAM", 1)
    objective = problem(K)
    found, _ = answer(measure(objective, objective.layout.zeros()))
    assert type(found).__name__.lower().startswith(metric.lower())
    G = np.random.default_rng(1).normal(size=objective.layout.shape)
    before = G.copy()
    assert found.square(G) == pytest.approx(np.vdot(G, found.solve(G)), rel=1e-13)
    np.testing.assert_array_equal(G, before)


@pytest.mark.parametrize("size", [1e-170, 1e170])
def test_a_square_survives_numbers_whose_squares_do_not(size):
    found = module._diagonal(np.full((5, 1, 2), size))
    G = np.full((5, 1, 2), size)
    assert found.square(G) == pytest.approx(10 * size, rel=1e-12)


def test_the_metric_knows_no_units():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.integers(0, 2, 50)
    lengths = []
    for units in (np.ones(3), np.array([1e-8, 1.0, 1e8])):
        objective = objective_of(X * units, y, 2, C=np.inf)
        theta = objective.layout.zeros()
        G = objective.evaluate(theta, Want.GRADIENT).gradient
        lengths.append(np.vdot(G, answer(measure(objective, theta))[0].solve(G)))
    np.testing.assert_allclose(lengths[0], lengths[1], rtol=1e-9)


def test_a_singular_gram_matrix_still_has_a_metric():
    x = np.random.default_rng(0).normal(size=(40, 1))
    objective = objective_of(np.hstack([x, x, np.ones((40, 1))]), np.arange(40) % 2, 2, C=np.inf)
    metric, _ = answer(measure(objective, objective.layout.zeros()))
    G = np.ones((4, 1, 1))
    assert np.isfinite(metric.solve(G)).all()
    assert np.vdot(G, metric.solve(G)) > 0


def test_wide_sparse_data_have_a_diagonal_metric():
    rng = np.random.default_rng(0)
    X = sparse.random_array((60, 2001), density=0.02, rng=rng, format="csr")
    objective = objective_of(X, np.arange(60) % 3, 3)
    theta = rng.normal(size=objective.layout.shape)
    metric, effort = answer(measure(objective, theta))
    assert isinstance(metric, DiagonalMetric)
    assert effort.passes == 1
    diagonal = objective.evaluate(theta, Want.DIAGONAL).diagonal
    assert (np.ptp(diagonal, axis=2) > 0).any()  # each class has its own
    expected = 1 / (0.99 * diagonal + 0.01 * diagonal.mean())
    np.testing.assert_allclose(metric.solve(np.ones((2002, 1, 3))), expected, rtol=1e-12)
    narrower = objective_of(X[:, :2000], np.arange(60) % 3, 3)
    assert isinstance(answer(measure(narrower, narrower.layout.zeros()))[0], GramMetric)


def test_very_wide_dense_data_have_a_diagonal_metric():
    X = np.random.default_rng(0).normal(size=(12, 10_001))
    objective = objective_of(X, np.arange(12) % 2, 2)
    assert isinstance(answer(measure(objective, objective.layout.zeros()))[0], DiagonalMetric)


@pytest.mark.parametrize("wide", [False, True])
def test_a_metric_solves_in_place_where_it_may(wide):
    objective = problem(3)
    metric = (
        DiagonalMetric(np.arange(1.0, 16.0).reshape(5, 1, 3))
        if wide
        else answer(measure(objective, objective.layout.zeros()))[0]
    )
    G = np.random.default_rng(0).normal(size=objective.layout.shape)
    kept, expected = G.copy(), metric.solve(G)
    np.testing.assert_array_equal(G, kept)
    solved = metric.solve(G, overwrite=True)
    assert np.shares_memory(solved, G)
    np.testing.assert_array_equal(solved, expected)


def test_many_rows_are_sampled():
    """D > 4 K' and more than 8 D + 64 K rows: a share of them costs as much less, and gives nearly the same."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(9000, 30)), rng.integers(0, 2, 9000)
    objective = objective_of(X, y, 2)
    theta = objective.layout.zeros()
    metric, effort = answer(measure(objective, theta))
    stride = 9000 // (8 * 30 + 64 * 2)
    assert effort.work == pytest.approx(objective.work(Want.GRAM) / stride)
    G = objective.evaluate(theta, Want.GRADIENT).gradient
    exact = np.linalg.solve(objective.evaluate(theta, Want.GRAM).gram[0], G[:, 0])
    assert 1 / 1.5 <= np.vdot(G, metric.solve(G)) / np.vdot(G, exact) <= 1.5
    few = replace(objective, source=objective.source.thin(20))
    assert answer(measure(few, theta))[1].work == few.work(Want.GRAM)
