"""The start in float32: that it runs, where it may, and that it changes neither the answer nor what can be fitted."""

from dataclasses import replace

import numpy as np
import pytest
from objective.problems import objective_of

from multilogit import _kernels
from multilogit._objective.conversation import Evaluate, answer
from multilogit._objective.sums import Want
from multilogit._solvers import proof
from multilogit._solvers.base import basic
from multilogit._solvers.lbfgs import LBFGS
from multilogit._solvers.loop import minimise
from multilogit._solvers.newton import Newton
from multilogit._solvers.solve import at, solve
from multilogit.errors import Status
from multilogit.estimators.coefficients import Coefficients

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")


def table(factor=1.0, C=1.0):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 8)).astype(np.float32)
    y = (X @ rng.normal(size=(8, 3)) + rng.gumbel(size=(600, 3))).argmax(axis=1)
    return objective_of(X * np.float32(factor), y, 3, C=C)


def widened(objective):
    """Return the objective of the same numbers in float64."""
    return replace(objective, source=replace(objective.source, X=objective.source.X.astype(np.float64)))


def fitted(objective, tol=1e-9):
    """Return the run and the arithmetic of each of its sweeps."""
    conversation = minimise(objective, LBFGS(), objective.layout.zeros(), tol=tol, max_iter=200)
    asked, reply = [], None
    while True:
        try:
            request = conversation.send(reply)
        except StopIteration as end:
            return end.value, asked
        if isinstance(request, Evaluate):
            asked.append(request.objective.single)
        reply = request.reply()


def test_steps_are_float32_first_and_float64_at_the_end():
    run, asked = fitted(table())
    assert any(asked)
    assert not asked[0]
    assert not asked[-1]
    assert run.status is Status.CONVERGED
    expected, all_float64 = fitted(widened(table()))
    assert not any(all_float64)
    assert run.iterate.value == pytest.approx(expected.iterate.value, rel=1e-9)


@pytest.mark.parametrize("method", [LBFGS(), Newton()])
def test_the_point_that_is_likely_to_be_the_last_is_one_that_can_be_stored(method):
    objective = table(C=1e-3)  # a penalty that lets the duality gap prove it at once
    theta = answer(minimise(objective, method, objective.layout.zeros(), tol=1e-6, max_iter=200)).iterate.theta
    assert (theta[:-1] == theta[:-1].astype(np.float32)).all()


@pytest.mark.parametrize("solver", ["lbfgs", "newton-cholesky"])
@pytest.mark.parametrize("digits", [True, False])
def test_a_fit_of_float32_rows_is_proved_as_it_is_stored(solver, digits):
    """So that nothing is left to prove when the coefficients are."""
    objective = table(C=1e-3)
    solution = solve(objective, objective.layout.zeros(), solver=solver, tol=1e-6, max_iter=200, digits=digits)
    coefficients = Coefficients.of(solution.theta, objective.layout, objective.source.centre, np.float32)
    assert at(objective, solution, coefficients.theta(objective.layout), 1e-6) is solution
    assert solution.status is Status.CONVERGED


@pytest.mark.parametrize(("fit_intercept", "most", "asked"), [(True, 3, True), (False, 3, False), (True, 2, False)])
def test_the_curvature_between_classes_is_asked_for_only_where_a_proof_can_use_it(
    monkeypatch, fit_intercept, most, asked
):
    """Of many classes it is the largest thing by far."""
    monkeypatch.setattr(proof, "_MANY_CLASSES", most)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)).astype(np.float32)
    objective = objective_of(X, np.arange(300) % 3, 3, fit_intercept=fit_intercept)
    solver = LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    assert next(solver.resume(objective, state)).want == basic(objective) | (
        Want.CLASS_CURVATURE if asked else Want.VALUE
    )


@pytest.mark.parametrize(("K", "halved"), [(31, False), (32, True)])
def test_rows_in_float64_start_in_float32_too_where_classes_are_many(K, halved):
    rng = np.random.default_rng(0)
    objective = objective_of(rng.normal(size=(900, 8)) + 1.7e9, np.arange(900) % K, K)
    run, asked = fitted(objective)
    assert any(asked) == halved
    assert not asked[-1]
    assert run.status is Status.CONVERGED


@pytest.mark.parametrize(
    ("factor", "C"), [(1e12, 1e20), (1e17, 1e5), (1e19, 1.0), (1.0, 1e45), (1e25, 1.0), (1.0, 1e-45)]
)
def test_what_float32_cannot_hold_is_left_to_float64(factor, C):
    objective = table(factor, C)
    (run, asked), (expected, _) = fitted(objective), fitted(widened(objective))
    assert not any(asked)
    assert run.status is expected.status
    assert run.iterate.value == pytest.approx(expected.iterate.value, rel=1e-9)
