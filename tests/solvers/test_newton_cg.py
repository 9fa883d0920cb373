"""Preconditioned conjugate gradients solve the Newton equations; the truncated steps converge fast."""

import numpy as np
import pytest
from objective.problems import parameters, problem
from tables import PROBLEMS

from multilogit._objective.conversation import answer
from multilogit._objective.sums import Want
from multilogit._solvers.factor import HessianFactor
from multilogit._solvers.metric import measure
from multilogit._solvers.newton_cg import NewtonCG, conjugate_gradients


@pytest.mark.parametrize("name", PROBLEMS)
def test_conjugate_gradients_solve_the_newton_equations(name):
    objective = problem(**PROBLEMS[name])
    theta = parameters(objective, 0.5)
    sums = objective.evaluate(theta, Want.GRADIENT | Want.HESSIAN)
    metric, _ = answer(measure(objective, theta))
    solution = answer(conjugate_gradients(objective, theta, sums.gradient, metric, 1e-10))
    exact = HessianFactor.of(objective.layout, sums.hessian).solve(sums.gradient)
    size = np.abs(exact).max()
    if objective.layout.free_rows > 1:  # G sums to zero over the classes but for rounding
        np.testing.assert_allclose(solution.x.sum(axis=2), 0.0, atol=1e-9 * size)
    np.testing.assert_allclose(solution.x, exact, atol=1e-7 * size)
    assert solution.effort.passes <= 2 * theta.size


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-5])
def test_the_residual_is_within_the_tolerance(tolerance):
    """In the norm of the metric's inverse."""
    objective = problem(5, weighted=True)
    theta = parameters(objective, 0.5)
    G = objective.evaluate(theta, Want.GRADIENT).gradient
    metric, _ = answer(measure(objective, theta))
    x = answer(conjugate_gradients(objective, theta, G, metric, tolerance)).x
    r = G - objective.hvp(theta, x)
    assert np.vdot(r, metric.solve(r)) <= 1.01 * tolerance**2 * np.vdot(G, metric.solve(G))


def test_a_limit_of_steps_still_descends():
    objective = problem(3)
    theta = parameters(objective)
    G = objective.evaluate(theta, Want.GRADIENT).gradient
    metric, _ = answer(measure(objective, theta))
    one = answer(conjugate_gradients(objective, theta, G, metric, 1e-10, max_steps=1))
    assert one.effort.passes == 1
    assert np.vdot(one.x, G) > 0
    none = answer(conjugate_gradients(objective, theta, G, metric, 1e-10, max_steps=0))
    np.testing.assert_array_equal(none.x, metric.solve(G))


def test_convergence_is_superlinear():
    objective = problem(3, C=10.0)
    solver, decrements = NewtonCG(), []
    state = answer(solver.init(objective, objective.layout.zeros()))
    while not state.stalled and len(decrements) < 30:
        decrements.append(state.decrement)
        state = answer(solver.step(objective, state))
    near = [d for d in decrements if 1e-9 < d < 1e-1]
    assert len(near) >= 2
    assert near[-1] <= 0.1 * near[-2]
    assert len(decrements) <= 15
