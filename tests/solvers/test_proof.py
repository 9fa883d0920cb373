"""What an iterate proves, and what it does not."""

import math
from dataclasses import replace

import numpy as np
import pytest
from objective.problems import objective_of, parameters, problem

from multilogit._objective.conversation import answer
from multilogit._proofs.recession import Verdict
from multilogit._solvers import polish, proof
from multilogit._solvers.solve import assess, solve
from multilogit.errors import Status


def locate(objective, theta):
    return answer(polish.locate(objective, theta))


def prove(objective, state, tol, **arguments):
    return answer(proof.prove(objective, state, tol, **arguments))


def converged(objective, **arguments):
    return solve(objective, objective.layout.zeros(), tol=1e-9, max_iter=200, **arguments)


def test_kinds():
    penalised, free = problem(3), problem(3, C=np.inf)
    for objective, kind in ((penalised, "duality gap"), (free, "newton decrement")):
        assert prove(objective, locate(objective, objective.layout.zeros()), 1e-9).kind == kind
        assert converged(objective).proof.kind == kind


def test_the_sharper_gap_is_asked_for_only_where_it_can_settle_the_run():
    objective = problem(3)
    far = prove(objective, locate(objective, parameters(objective)), 1e-9)
    assert far.effort.passes == 0
    best = converged(objective).theta
    nudged = best.copy()
    nudged[-1, 0] += [1e-6, -1e-6, 0.0]
    state = locate(objective, nudged)
    near = prove(objective, replace(state, factor=None), 1e-9)
    assert near.effort.passes == 2
    assert near.gap <= 1e-9 * objective.null_value
    free = prove(objective, state, 1e-9)  # the Hessian is at hand
    assert free.effort.passes == 0
    assert free.gap == pytest.approx(near.gap, rel=1e-8)
    assert prove(objective, locate(objective, best), 1e-3).effort.passes == 0


def test_a_bound_that_cannot_settle_the_run_is_not_worked_out():
    objective = problem(3)
    optimum = converged(objective).theta
    state = locate(objective, optimum + 1e-3 * parameters(objective))
    quick = prove(objective, state, 1e-9, thorough=False)
    assert quick.gap == state.value > prove(objective, state, 1e-9).gap
    best = locate(objective, optimum)
    assert prove(objective, best, 1e-9, thorough=False) == prove(objective, best, 1e-9)


def test_without_a_factor_nothing_is_proved_at_infinite_C():
    objective = problem(2, C=np.inf, N=60)
    state = locate(objective, converged(objective).theta)
    assert prove(objective, state, 1e-9).gap <= 1e-9 * state.value
    assert prove(objective, replace(state, factor=None), 1e-9).gap == math.inf
    shifted = replace(state, factor=replace(state.factor, shift=1e-12))
    assert prove(objective, shifted, 1e-9).gap == math.inf
    assert prove(objective, locate(objective, objective.layout.zeros()), 1e-9).effort.passes == 0


def test_an_iterate_that_separates_proves_the_separation():
    objective = objective_of(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, C=np.inf)
    found = prove(objective, locate(objective, np.array([[[3.0]], [[0.5]]])), 1e-9)
    assert found.recession.verdict is Verdict.SEPARATED
    assert found.recession.pairs == ((0, 1),)
    assert found.gap == math.inf
    assert prove(objective, locate(objective, np.array([[[3.0]], [[4.0]]])), 1e-9).recession is None


def test_a_hyperplane_of_an_offset_is_none():
    """The offset classifies every row, the features none: no direction of the parameters separates."""
    X, y = np.array([[1.0], [1.0], [2.0], [2.0]]), np.array([0, 1, 0, 1])
    offset = 50.0 * np.eye(2)[y]
    objective = objective_of(X, y, 2, C=np.inf, offset=offset)
    found = prove(objective, locate(objective, objective.layout.zeros()), 1e-9)
    assert found.recession is None


@pytest.mark.parametrize("small", [1.0, 1e-3, 1e-5, 1e-6, 1e-7])
@pytest.mark.parametrize("seed", range(4))
def test_separated_data_are_never_proved_to_have_an_optimum(small, seed):
    """A column that only the rows of one class move, seen as a small difference of two: quasi-complete separation.

    Below 1e-3 the Hessian's smallest eigenvalue falls below its rounding before the search can answer.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=200)
    y = (x + rng.logistic(size=200) > 0).astype(int)
    indicator = (rng.random(200) < 0.2) & (y == 1)
    objective = objective_of(np.column_stack([x, x + small * indicator]), y, 2, C=np.inf)
    solution = converged(objective)
    assert solution.status is not Status.CONVERGED
    assert solution.proof.gap == math.inf
    if small >= 1e-3:
        assert solution.status is Status.SEPARATED


@pytest.mark.parametrize("small", [1.0, 1e-3, 1e-5, 1e-6])
def test_nearly_collinear_columns_that_overlap_have_a_proved_optimum(small):
    """The same optimum as in x and z, but for the rounding of the difference."""
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 200))
    y = (x + z + rng.logistic(size=200) > 0).astype(int)
    plain = converged(objective_of(np.column_stack([x, z]), y, 2, C=np.inf))
    solution = converged(objective_of(np.column_stack([x, x + small * z]), y, 2, C=np.inf))
    assert solution.status is Status.CONVERGED
    assert solution.value == pytest.approx(plain.value, rel=1e-15 / small + 1e-13)
    np.testing.assert_allclose(solution.theta[1] * small, plain.theta[1], rtol=1e-14 / small + 1e-11)


@pytest.mark.parametrize("shift", [1e-6, 1e-3, 0.1])
def test_classes_that_do_not_sum_to_zero_are_seen(shift):
    """A common shift of all classes leaves the likelihood, and costs K D shift^2 / 2 of penalty."""
    objective = problem(3)
    best = converged(objective)
    theta = best.theta.copy()
    theta[:4] += shift
    found = assess(objective, theta, 1e-9)
    excess = 0.5 * 3 * 4 * shift**2
    assert found.value - best.value == pytest.approx(excess, rel=1e-6, abs=1e-13)
    assert found.proof.gap >= 0.999 * excess


@pytest.mark.parametrize("K", [2, 3])
def test_an_iterate_whose_probabilities_are_all_certain_and_wrong_proves_nothing(K):
    """Intercepts of -800 for a class that has rows."""
    X = np.tile([[-1.0], [1.0]], (K, 1))
    objective = objective_of(X, np.repeat(np.arange(K), 2), K)
    theta = objective.layout.zeros()
    theta[-1, 0, -1] = -800.0
    found = assess(objective, theta, 1e-9)
    assert found.status is not Status.CONVERGED
    assert found.proof.gap >= found.value - 2 * K * np.log(K)


@pytest.mark.parametrize("solver", ["newton-cholesky", "lbfgs", "newton-cg"])
@pytest.mark.parametrize("C", [10.0, 3e3, 1e6])
def test_a_class_without_weight_that_stays_in_play_has_no_optimum(C, solver):
    """Its intercept runs away to -inf: the infimum is the value without the class, and the gap reaches down to it.

    (Lead: `_judge` proves with the factor of the iterate before the polish, but here each correction is a step of
    length one in the logits, along which H falls by 1/e: the bound needs H where nu is taken, or M times the length
    of the correction in the old H to be small.)
    """
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 2)), np.arange(12) % 3
    weight = (y != 2).astype(float)
    objective = objective_of(X, y, 3, C=C, weight=weight)
    without = objective_of(X, y, 3, C=C, weight=weight, mask=[[True, True, False]])
    solution = converged(objective, solver=solver)
    excess = solution.value - converged(without).value
    assert solution.proof.gap >= excess - 1e-13 * solution.value
