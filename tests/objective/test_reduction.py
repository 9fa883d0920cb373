"""The smaller problems have the optimum of the original one."""

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, parameters

from multilogit._objective.rank import column_rank
from multilogit._objective.reduction import independent_columns, row_space
from multilogit._objective.sums import Want

rng = np.random.default_rng(0)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("K", [2, 3])
def test_the_row_space_has_the_same_optimum(K, fit_intercept):
    X, y = rng.normal(size=(14, 40)) + 5.0, np.arange(14) % K
    objective = objective_of(
        X, y, K, C=0.7, weight=rng.uniform(0.5, 2, 14), fit_intercept=fit_intercept, rows_per_block=5
    )
    smaller = row_space(objective)
    assert smaller.objective.layout.n_features == 14
    value, best = Brute.of(objective).minimum()
    reduced_value, reduced = Brute.of(smaller.objective).minimum()
    np.testing.assert_allclose(reduced_value, value, rtol=1e-13)
    np.testing.assert_allclose(smaller.lift(reduced[:, None])[:, 0], best, atol=1e-9)


def test_lift_and_restrict_of_the_row_space():
    """Lifting keeps value and gradient; restricting undoes lifting, and loses what no row sees."""
    X, y = rng.normal(size=(9, 20)), np.arange(9) % 3
    objective = objective_of(X, y, 3)
    smaller = row_space(objective)
    theta = parameters(smaller.objective)
    lifted = smaller.lift(theta)
    assert lifted.shape == objective.layout.shape
    here, there = smaller.objective.evaluate(theta, Want.GRADIENT), objective.evaluate(lifted, Want.GRADIENT)
    np.testing.assert_allclose(here.value, there.value, rtol=1e-13)
    np.testing.assert_allclose(smaller.lift(here.gradient), there.gradient, atol=1e-12)
    np.testing.assert_allclose(smaller.restrict(lifted), theta, atol=1e-13)
    any_theta = parameters(objective)
    projected = smaller.lift(smaller.restrict(any_theta))
    A = X - X.mean(axis=0)
    np.testing.assert_allclose(A @ projected[:20, 0], A @ any_theta[:20, 0], atol=1e-12)


def test_a_strength_that_is_not_one():
    X, y = rng.normal(size=(8, 12)), np.arange(8) % 2
    from dataclasses import replace

    from multilogit._objective.penalty import L2

    objective = replace(objective_of(X, y, 2), penalty=L2(np.full((12, 1), 2.5)))
    np.testing.assert_allclose(
        Brute.of(row_space(objective).objective).minimum()[0], Brute.of(objective).minimum()[0], rtol=1e-13
    )


@pytest.mark.parametrize("source", [np.asarray, "CSR"])
def test_independent_columns_have_the_same_optimum(source):
    from tables import SOURCES

    x, z = rng.normal(size=(2, 50))
    X = np.column_stack([x, x + z, np.full(50, 0.1), z])
    y = rng.integers(0, 3, 50)
    objective = objective_of(SOURCES.get(source, source)(X) if isinstance(source, str) else X, y, 3, C=np.inf)
    rank = column_rank(objective.source)
    smaller = independent_columns(objective, rank)
    assert smaller.objective.layout.n_features == 2
    value, best = Brute.of(smaller.objective).minimum()
    lifted = smaller.lift(best[:, None])
    np.testing.assert_allclose(objective.evaluate(lifted, Want.VALUE).value[0], value, rtol=1e-13)
    gradient = objective.evaluate(lifted, Want.GRADIENT).gradient
    assert np.abs(gradient).max() <= 1e-9
    assert np.abs(lifted[2]).max() <= 1e-12
    assert np.abs(rank.null.T @ lifted[:4, 0]).max() <= 1e-12


def test_restricting_to_independent_columns_starts_at_zero_weights():
    X = np.column_stack([np.arange(6.0), np.arange(6.0)])
    objective = objective_of(X, np.arange(6) % 2, 2, C=np.inf)
    smaller = independent_columns(objective, column_rank(objective.source))
    theta = np.array([[[1.0]], [[2.0]], [[3.0]]])
    np.testing.assert_array_equal(smaller.restrict(theta), [[[0.0]], [[3.0]]])
