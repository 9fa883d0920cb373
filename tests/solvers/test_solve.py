"""From objective to solution: rank, reductions, statuses, and that every path ends at one optimum."""

import math
from dataclasses import replace

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, parameters, problem
from tables import PROBLEMS, SOLVERS, SOURCES

from multilogit._objective.conversation import answer
from multilogit._objective.penalty import L2
from multilogit._objective.sums import Want
from multilogit._proofs.recession import Verdict
from multilogit._solvers.loop import minimise
from multilogit._solvers.newton import Newton
from multilogit._solvers.solve import assess, at, solve
from multilogit.errors import Status


def solved(objective, *, solver="auto", tol=1e-9, max_iter=500, **arguments):
    return solve(objective, objective.layout.zeros(), solver=solver, tol=tol, max_iter=max_iter, **arguments)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_solver_finds_the_optimum(name, solver):
    objective = problem(**PROBLEMS[name], N=60)
    optimal, best = Brute.of(objective).minimum()
    solution = solved(objective, solver=solver)
    assert solution.status is Status.CONVERGED
    assert solution.solver == solver
    assert solution.value == pytest.approx(optimal, rel=1e-12)
    if objective.layout.free_rows > 1:  # the oracle's intercepts have their own common shift
        best = (
            best
            - (best * objective.layout.class_mask[0]).sum(axis=1, keepdims=True) / objective.layout.class_mask.sum()
        )
        best = best * objective.layout.class_mask[0]
    np.testing.assert_allclose(solution.theta[:, 0], best, atol=1e-8)
    assert solution.rank == 4
    assert len(solution.aliased) == 0


@pytest.mark.parametrize("C", [1e-4, 1e4])
@pytest.mark.parametrize("solver", SOLVERS)
def test_extreme_strengths(solver, C):
    objective = problem(3, C=C, N=60, weighted=True)
    solution = solved(objective, solver=solver)
    assert solution.status is Status.CONVERGED
    assert solution.value == pytest.approx(Brute.of(objective).minimum()[0], rel=1e-12)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_has_the_same_solution(kind):
    expected, found = solved(problem(3)), solved(problem(3, source=kind))
    np.testing.assert_allclose(found.theta, expected.theta, atol=1e-11)


def test_without_features_the_classes_have_their_shares():
    objective = objective_of(np.zeros((10, 0)), np.repeat([0, 1, 2], [5, 3, 2]), 3, C=np.inf)
    solution = solved(objective)
    assert solution.status is Status.CONVERGED
    z = solution.theta[0, 0]
    np.testing.assert_allclose(np.exp(z) / np.exp(z).sum(), [0.5, 0.3, 0.2], rtol=1e-13)


@pytest.mark.parametrize("K", [2, 3])
def test_wide_data_are_solved_in_the_row_space(K):
    rng = np.random.default_rng(K)
    X, y = rng.normal(size=(20, 150)), np.arange(20) % K
    objective = objective_of(X, y, K)
    solution = solved(objective)
    optimal, best = Brute.of(objective).minimum()
    assert solution.status is Status.CONVERGED
    assert solution.value == pytest.approx(optimal, rel=1e-13)
    np.testing.assert_allclose(solution.theta[:-1, 0], best[:-1], atol=1e-11)
    assert solution.theta.shape == objective.layout.shape
    assert solution.rank == 19
    single = assess(objective, solution.theta, 1e-9)
    assert single.status is Status.CONVERGED


def test_rank_deficient_at_infinite_C():
    """Aliased columns by index, the least norm, the gradient zero on every column."""
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 80))
    X = np.column_stack([x, z, x + z, np.full(80, 0.1)])
    y = rng.integers(0, 3, 80)
    objective = objective_of(X, y, 3, C=np.inf)
    solution = solved(objective)
    assert solution.status is Status.CONVERGED
    assert solution.rank == 2
    assert 3 in solution.aliased
    assert len(solution.aliased) == 2
    W = solution.theta[:4, 0]
    np.testing.assert_allclose(W[0] + W[1], W[2], atol=1e-12)
    assert np.abs(W[3]).max() <= 1e-14
    assert np.abs(objective.evaluate(solution.theta, Want.GRADIENT).gradient).max() <= 1e-11
    penalised = solved(objective_of(X, y, 3, C=1e8))
    np.testing.assert_allclose(W, penalised.theta[:4, 0], atol=1e-6)


def test_a_mixed_penalty_needs_the_hessians_proof():
    """One column free of the penalty: unpenalised by the contract, and solved as such."""
    objective = problem(3, N=60)
    objective = replace(objective, penalty=L2(np.array([[0.0], [1.0], [1.0], [1.0]])))
    solution = solved(objective)
    assert solution.status is Status.CONVERGED
    assert solution.proof.kind == "newton decrement"
    assert solution.value == pytest.approx(Brute.of(objective).minimum()[0], rel=1e-13)


SEPARATED = {
    "complete": ([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1], 2, ((0, 1),)),
    "quasi-complete": ([[-1.0], [0.0], [0.0], [1.0]], [0, 0, 1, 1], 2, ((0, 1),)),
    "one class of three": (
        [[0.0], [1.0], [2.0], [0.5], [1.5], [9.0], [8.0]],
        [0, 1, 0, 1, 0, 2, 2],
        3,
        ((0, 2), (1, 2)),
    ),
}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", SEPARATED)
def test_separated_data(name, solver):
    X, y, K, pairs = SEPARATED[name]
    objective = objective_of(np.array(X), np.array(y), K, C=np.inf)
    solution = solved(objective, solver=solver)
    assert solution.status is Status.SEPARATED
    assert solution.proof.gap == math.inf
    assert solution.recession.pairs == pairs
    assert solution.coefficient_step is None
    penalised = solved(objective_of(np.array(X), np.array(y), K), solver=solver)
    assert penalised.status is Status.CONVERGED


@pytest.mark.parametrize("margin", [1e-2, 1e-4])
def test_nearly_separated_data_have_their_optimum(margin):
    """One row on the wrong side by a hair: coefficients of 1 / margin, finite and proved."""
    X = np.array([-2.0, -1.0, -margin, 0.0, 1.0, 2.0])[:, None]
    objective = objective_of(X, np.array([0, 0, 1, 0, 1, 1]), 2, C=np.inf)
    solution = solved(objective)
    assert solution.status is Status.CONVERGED
    assert solution.value == pytest.approx(Brute.of(objective).minimum()[0], rel=1e-12)


def test_a_separation_among_collinear_columns_is_told_in_the_users_columns():
    X = np.array([[-1.0], [0.0], [0.0], [1.0]])
    X = np.column_stack([X, X, np.ones(4)])
    solution = solved(objective_of(X, np.array([0, 0, 1, 1]), 2, C=np.inf))
    assert solution.status is Status.SEPARATED
    direction = solution.recession.direction
    assert direction.shape == (4, 1)
    assert direction[0] == pytest.approx(direction[1])
    assert direction[0] > 0


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_running_out_of_iterations(C):
    objective = problem(3, C=C, N=60)
    steps = []
    solution = solved(objective, max_iter=2, progress=lambda n, state, proof: steps.append(n))
    assert solution.status is Status.MAX_ITER
    assert solution.n_iter == 2
    assert steps == [0, 1, 2]
    none = solved(objective, max_iter=0)
    assert none.status is Status.MAX_ITER
    assert not none.theta.any()


def test_a_start_at_the_optimum_takes_no_step():
    objective = problem(3)
    first = solved(objective)
    again = solve(objective, first.theta, tol=1e-9, max_iter=10)
    assert again.n_iter == 0
    assert again.status is Status.CONVERGED
    np.testing.assert_allclose(again.theta, first.theta, atol=1e-14)


@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("K", [2, 3])
def test_any_start_leads_to_the_optimum(K, solver, scale):
    """A warm start may be far off: the units of a column have changed since."""
    objective = problem(K, N=60, weighted=True)
    expected = solved(objective)
    for seed in range(3):
        start = parameters(objective, scale, seed)
        solution = solve(objective, start, solver=solver, tol=1e-9, max_iter=500)
        assert solution.status is Status.CONVERGED
        assert solution.value == pytest.approx(expected.value, rel=1e-9)


def test_a_tolerance_below_rounding_is_stalled_or_proved_never_endless():
    objective = problem(3)
    run = answer(minimise(objective, Newton(), objective.layout.zeros(), tol=0.0, max_iter=200))
    assert run.status in (Status.STALLED, Status.CONVERGED)
    assert run.n_steps < 30


def test_without_a_hessian_an_optimum_at_infinite_C_stays_undecided(monkeypatch):
    """Where the Hessian is out of reach nothing is claimed but what a search can show."""
    from multilogit._solvers import auto

    monkeypatch.setattr(auto, "factor_affordable", lambda objective: False)
    overlapping = solved(problem(3, C=np.inf, N=60), solver="lbfgs")
    assert overlapping.status is Status.UNDECIDED
    assert overlapping.proof.gap == math.inf
    X, y, K, pairs = SEPARATED["quasi-complete"]
    separated = solved(objective_of(np.array(X), np.array(y), K, C=np.inf), solver="lbfgs")
    assert separated.status is Status.SEPARATED
    assert separated.recession.pairs == pairs


@pytest.mark.parametrize("n_threads", [2, 5])
def test_threads_change_no_bit(n_threads):
    objective = problem(3, weighted=True, rows_per_block=5)
    one, many = solved(objective), solved(replace(objective, n_threads=n_threads))
    assert one.theta.tobytes() == many.theta.tobytes()
    assert one.proof.gap == many.proof.gap


def test_assess_says_what_a_point_is_worth():
    objective = problem(3)
    optimal, best = Brute.of(objective).minimum()
    theta = parameters(objective)
    found = assess(objective, theta, 1e-9)
    assert found.status is not Status.CONVERGED
    assert found.proof.gap >= found.value - optimal
    assert found.n_iter == 0
    near = best[:, None] + 1e-4 * theta
    found = assess(objective, near, 1e-9)
    np.testing.assert_allclose(near - found.coefficient_step, solved(objective).theta, atol=1e-6)


def test_at_moves_a_solution_and_proves_it_anew():
    objective = problem(3)
    solution = solved(objective)
    here = at(objective, solution, solution.theta.astype(np.float32).astype(float), 1e-9)
    assert here.proof.gap > solution.proof.gap
    assert here.solver == solution.solver
    assert here.n_iter == solution.n_iter
    assert here.effort.passes > solution.effort.passes
    away = at(objective, solution, 1.1 * solution.theta, 1e-9)
    assert away.status is Status.STALLED
    assert away.theta is not solution.theta


def test_the_solution_has_its_numbers():
    solution = solved(problem(3, C=np.inf, N=60))
    assert solution.condition >= 1
    assert solution.coefficient_step.shape == solution.theta.shape
    assert np.abs(solution.coefficient_step).max() <= 1e-12
    assert solution.effort.passes >= solution.n_iter
    assert solution.effort.work >= 0.5 * solution.effort.passes


def test_a_solution_that_is_moved_nowhere_is_not_proved_again():
    objective = problem(3, N=60)
    solution = solved(objective)
    assert at(objective, solution, solution.theta.copy(), 1e-9) is solution


@pytest.mark.parametrize("affordable", [True, False])
def test_every_sweep_of_a_solution_that_is_moved_is_counted(monkeypatch, affordable):
    """Two iterations prove nothing: the Hessian is asked as well, where it may be."""
    from multilogit._solvers import auto
    from multilogit._solvers.solve import moved

    objective = problem(3, N=60)
    solution = solved(objective, solver="lbfgs", max_iter=2, digits=False)
    assert solution.condition is None
    monkeypatch.setattr(auto, "factor_affordable", lambda objective: affordable)
    conversation, reply, requests = moved(objective, solution, np.nextafter(solution.theta, 1.0), 1e-9), None, 0
    while True:
        try:
            request = conversation.send(reply)
        except StopIteration as end:
            here = end.value
            break
        requests, reply = requests + 1, request.reply()
    assert here.status is Status.MAX_ITER
    assert requests == 1 + affordable
    assert here.effort.passes - solution.effort.passes >= requests
    assert solution.recession.verdict in (Verdict.UNASKED, Verdict.OVERLAP)
