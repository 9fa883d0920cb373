"""The factored Hessian: solves and inverses in the subspace, indifferent to units."""

import numpy as np
import pytest
from objective.problems import objective_of, parameters, problem
from tables import PROBLEMS

from multilogit._objective.sums import Want
from multilogit._solvers.factor import HessianFactor


def factored(objective, theta):
    H = objective.evaluate(theta, Want.HESSIAN).hessian
    return H, HessianFactor.of(objective.layout, H)


@pytest.mark.parametrize("name", PROBLEMS)
def test_solve_undoes_the_hessian(name):
    objective = problem(**PROBLEMS[name])
    theta, step = parameters(objective), parameters(objective, seed=3)
    _, factor = factored(objective, theta)
    np.testing.assert_allclose(factor.solve(objective.hvp(theta, step)), step, atol=1e-9)
    assert factor.shift == 0


@pytest.mark.parametrize("name", PROBLEMS)
def test_inverse_is_what_solve_applies(name):
    objective = problem(**PROBLEMS[name])
    _, factor = factored(objective, parameters(objective))
    G = np.random.default_rng(0).normal(size=objective.layout.shape)
    applied = np.einsum("jdke,ek->dj", factor.inverse(), G[:, 0])[:, None]
    np.testing.assert_allclose(applied, factor.solve(G), atol=1e-12 * np.abs(applied).max())


def test_steps_stay_in_the_subspace():
    objective = problem(4, mask=[[True, False, True, True]])
    _, factor = factored(objective, parameters(objective))
    step = factor.solve(np.random.default_rng(0).normal(size=objective.layout.shape))
    np.testing.assert_allclose(step.sum(axis=2), 0.0, atol=1e-13)
    assert not step[:, :, 1].any()


def test_the_units_of_the_columns_do_not_matter():
    rng = np.random.default_rng(0)
    X, y, units = rng.normal(size=(60, 3)), rng.integers(0, 3, 60), np.array([1e-8, 1.0, 1e8])
    conditions = []
    for scale in (np.ones(3), units):
        objective = objective_of(X * scale, y, 3, C=np.inf)
        _, factor = factored(objective, objective.layout.zeros())
        conditions.append(factor.condition)
        assert factor.shift == 0
    np.testing.assert_allclose(conditions[0], conditions[1], rtol=1e-10)


def test_condition_of_a_hessian_with_unit_diagonal():
    """Two columns of correlation r: the condition is (1 + r) / (1 - r)."""
    r = 0.99
    layout = problem(2, D=2, fit_intercept=False).layout
    H = np.array([[4.0, 2 * r], [2 * r, 1.0]]).reshape(1, 1, 2, 1, 2)
    np.testing.assert_allclose(HessianFactor.of(layout, H).condition, (1 + r) / (1 - r), rtol=1e-10)


def test_a_parameter_without_curvature_has_no_step():
    layout = problem(2, D=2, fit_intercept=False).layout
    H = np.array([[4.0, 0.0], [0.0, 0.0]]).reshape(1, 1, 2, 1, 2)
    factor = HessianFactor.of(layout, H)
    np.testing.assert_array_equal(factor.solve(np.array([[[8.0]], [[0.0]]])), [[[2.0]], [[0.0]]])
    assert not factor.sound


def test_an_indefinite_matrix_is_shifted_and_says_so():
    layout = problem(2, D=2, fit_intercept=False).layout
    H = np.array([[1.0, 1.0 + 1e-10], [1.0 + 1e-10, 1.0]]).reshape(1, 1, 2, 1, 2)
    factor = HessianFactor.of(layout, H)
    assert 1e-10 <= factor.shift <= 1e-8
    assert not factor.sound
    assert np.isfinite(factor.solve(np.ones((2, 1, 1)))).all()


@pytest.mark.parametrize(("distance", "sound"), [(1e-6, True), (1e-11, True), (1e-14, False)])
def test_a_factor_of_rounding_is_not_sound(distance, sound):
    """Correlation 1 - distance: the smaller eigenvalue is the distance, known no better than to 1e-15."""
    layout = problem(2, D=2, fit_intercept=False).layout
    H = np.array([[1.0, 1.0 - distance], [1.0 - distance, 1.0]]).reshape(1, 1, 2, 1, 2)
    factor = HessianFactor.of(layout, H)
    assert factor.shift == 0.0
    assert factor.sound is sound
