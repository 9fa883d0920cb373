"""Problems solved together end where each ends alone, whichever solver runs and whatever the others are."""

import numpy as np
import pytest
from objective.problems import objective_of
from objective.test_conversation import Watched
from tables import SOLVERS

from multilogit._objective.conversation import answer, answer_all
from multilogit._solvers import auto
from multilogit._solvers.prepare import prepare, prepare_stack
from multilogit._solvers.solve import solve, solving
from multilogit.errors import Status


def path(C, K=3, N=60, D=4, folds=1, seed=0, **arguments):
    """Return the stack of every C under every fold."""
    rng = np.random.default_rng([seed, K, N, D])
    X, y = rng.normal(size=(N, D)) * np.logspace(-1, 1, D), np.arange(N) % K
    weight = (rng.integers(folds, size=N)[:, None] != np.arange(folds)).astype(float) if folds > 1 else np.ones((N, 1))
    C = np.tile(np.asarray(C, dtype=float), folds)
    weight = np.repeat(weight, len(C) // folds, axis=1)
    return objective_of(X, y, K, C=C, weight=weight, **arguments)


def together(stack, *, width=99, **arguments):
    """Return the solutions of all problems of a stack."""
    prepared, zeros = prepare_stack(stack), stack.layout.zeros()[:, :1]
    arguments = {"tol": 1e-9, "max_iter": 500} | arguments
    return answer_all((solving(prepared(r), zeros, **arguments) for r in range(stack.layout.n_problems)), width=width)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("K", [2, 3])
def test_a_stack_has_the_solutions_of_its_problems(K, solver):
    stack = path([0.01, 1.0, 100.0, np.inf], K=K, folds=2)
    for r, solution in enumerate(together(stack, solver=solver)):
        view = stack.problem(r)
        alone = solve(view, view.layout.zeros(), solver=solver, tol=1e-9, max_iter=500)
        assert solution.status is alone.status is Status.CONVERGED
        assert solution.proof.gap <= 1e-9 * solution.value
        assert solution.rank == alone.rank == 4
        np.testing.assert_allclose(solution.theta, alone.theta, rtol=1e-9, atol=1e-10)


def test_without_company_the_bits_are_those_of_a_single_fit():
    stack = path([0.1, 1.0, 10.0])
    for r, solution in enumerate(together(stack, width=1)):
        view = stack.problem(r)
        alone = solve(view, view.layout.zeros(), tol=1e-9, max_iter=500)
        assert solution.theta.tobytes() == alone.theta.tobytes()
        assert solution.proof == alone.proof
        assert solution.effort == alone.effort


@pytest.mark.parametrize("solver", ["newton-cholesky", "lbfgs"])
def test_the_sweeps_are_shared(monkeypatch, solver):
    """As many sweeps as the slowest problem needs, or a few more where problems ask for different things."""
    stack = path(np.logspace(-2, 2, 8))
    sweeps = Watched(monkeypatch)
    solutions = together(stack, solver=solver, digits=False)
    slowest = max(solution.effort.passes for solution in solutions)
    assert len(sweeps.sizes) <= 1.5 * slowest
    assert sum(sweeps.sizes) <= sum(solution.effort.passes for solution in solutions)


def test_separated_and_overlapping_problems_keep_apart():
    X = np.array([[-2.0], [-1.0], [1.0], [2.0], [0.5], [-0.5]])
    y = np.array([0, 0, 1, 1, 0, 1])
    weight = np.ones((6, 3))
    weight[4:, 1] = 0.0  # the second problem is separated
    solutions = together(objective_of(X, y, 2, C=[np.inf, np.inf, 1.0], weight=weight))
    assert [solution.status for solution in solutions] == [Status.CONVERGED, Status.SEPARATED, Status.CONVERGED]
    assert solutions[1].recession.pairs == ((0, 1),)


def test_aliased_columns_are_those_of_the_fold():
    """A column that is constant on the training rows of one fold only."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    X[:30, 1] = 3.0
    weight = np.ones((40, 2))
    weight[30:, 1] = 0.0
    full, fold = together(objective_of(X, y, 2, C=[np.inf, np.inf], weight=weight))
    assert (full.rank, fold.rank) == (2, 1)
    assert fold.aliased.tolist() == [1]
    assert full.status is fold.status is Status.CONVERGED
    assert abs(fold.theta[1, 0, 0]) <= 1e-12


def test_wide_data_share_one_row_space():
    stack = path([0.1, 1.0, np.inf, 10.0], N=12, D=30)
    prepared = prepare_stack(stack)
    bases = [prepared(r).reduction for r in range(4)]
    assert bases[0].objective.source is bases[1].objective.source is bases[3].objective.source
    assert bases[2] is None or bases[2].objective.source is not bases[0].objective.source  # C = inf: another matter
    for r in (0, 1, 3):
        view = stack.problem(r)
        alone = prepare(view)
        assert alone.reduction.objective.layout.shape == bases[r].objective.layout.shape == (13, 1, 3)
        ours = answer(solving(prepared(r), view.layout.zeros(), tol=1e-9, max_iter=100))
        theirs = answer(solving(alone, view.layout.zeros(), tol=1e-9, max_iter=100))
        np.testing.assert_allclose(ours.theta, theirs.theta, atol=1e-10)


def test_a_fit_without_digits_ends_where_the_tolerance_is_proved():
    stack = path([1.0, 10.0])
    rough, polished = together(stack, digits=False, tol=1e-6), together(stack, tol=1e-6)
    for one, other in zip(rough, polished, strict=True):
        assert one.proof.gap <= 1e-6 * one.value
        assert one.effort.passes < other.effort.passes
        assert np.abs(other.coefficient_step).max() <= 1e-14


def test_how_many_are_under_way_at_once():
    small, large = path([1.0] * 3), path([1.0] * 3, K=40, N=80, D=60)
    assert auto.stack_width(small) > 1000
    assert auto.stack_width(large) * 8 * 26 * 61 * 40 <= 1 << 29
    assert auto.chains(path(np.logspace(-2, 2, 8)), 1) == 8  # 3 columns: as many runs as values
    assert auto.chains(path(np.logspace(-2, 2, 8), folds=4), 4) == 3
    assert auto.chains(path(np.logspace(-2, 2, 8), K=40, N=80), 1) == 1
