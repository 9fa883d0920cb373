"""L-BFGS: its pairs and its metric from step to step, frozen states, memory, and a resumed run."""

import pickle
import tracemalloc
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import numpy as np
import pytest
from objective.fits import certified
from objective.problems import problem

from multilogit._objective.conversation import answer
from multilogit._objective.sums import Sums, Want
from multilogit._solvers.lbfgs import LBFGS


def test_the_metric_is_measured_anew_and_the_pairs_are_kept():
    objective, _ = certified("wine")
    solver = LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    metrics = [state.metric]
    for _ in range(18):
        state = answer(solver.step(objective, state))
        metrics.append(state.metric)
    changed = [step for step in range(1, 19) if metrics[step] is not metrics[step - 1]]
    assert changed == [5, 10, 18]
    assert len(state.pairs) == 10


def test_a_state_is_frozen_and_resumes_to_the_bit():
    objective = problem(3, soft=True)
    solver = LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(3):
        state = answer(solver.step(objective, state))
    with pytest.raises(FrozenInstanceError):
        state.theta = state.theta + 1
    copy = pickle.loads(pickle.dumps(state))
    for _ in range(4):
        state, copy = (answer(solver.step(objective, each)) for each in (state, copy))
    assert state.theta.tobytes() == copy.theta.tobytes()
    assert state.effort == copy.effort


def test_a_run_is_indifferent_to_units():
    """The Gram metric takes the units of the columns out of an unpenalised problem."""
    from objective.problems import objective_of

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)), rng.integers(0, 3, 80)
    values = []
    for units in (np.ones(3), np.array([1e-6, 1.0, 1e6])):
        objective = objective_of(X * units, y, 3, C=np.inf)
        solver = LBFGS()
        state = answer(solver.init(objective, objective.layout.zeros()))
        for _ in range(6):
            state = answer(solver.step(objective, state))
        values.append((state.value, state.effort.passes))
    assert values[0][1] == values[1][1]
    assert values[0][0] == pytest.approx(values[1][0], rel=1e-10)


class Bowl:
    """A quadratic of many parameters, f = |theta - target|^2 / 2 with curvatures, and no data behind it."""

    penalty = SimpleNamespace(unpenalised=False)
    source = SimpleNamespace(sparse=False, n_rows=1, n_features=10_001, stored=10**6, has_offset=True)
    layout = SimpleNamespace(n_features=10_001, n_rows=10_002, n_classes=20, free_rows=20, columns=20)
    shape = (10_002, 1, 20)
    rounding = 1e-13
    n_threads = 1

    def __init__(self, believed=1.0):
        self.believed = believed  # what the metric says of the curvature
        self.curvature = np.geomspace(1.0, 3.0, self.shape[0])[:, None, None]

    def sampled(self, stride):
        return self

    def work(self, want):
        return 1.0

    def evaluate(self, theta, want):
        if want is Want.DIAGONAL:
            return Sums(value=np.zeros(1), diagonal=np.full(self.shape, self.believed))
        gradient = theta - 1.0
        gradient *= self.curvature
        return Sums(value=np.array([0.5 * np.vdot(gradient, theta - 1.0)]), gradient=gradient)


@pytest.mark.parametrize("memory", [2, 4, 6])
def test_a_step_holds_two_arrays_a_pair_and_nine_more(memory):
    """Point, gradient, direction and diagonal metric; their successors and the pair in the making; no copy."""
    objective, solver = Bowl(), LBFGS(memory=memory)
    tracemalloc.start()
    try:
        state = answer(solver.init(objective, np.zeros(objective.shape)))
        for _ in range(memory + 3):
            state = answer(solver.step(objective, state))
        arrays = tracemalloc.get_traced_memory()[1] / (8 * np.prod(objective.shape))
    finally:
        tracemalloc.stop()
    assert len(state.pairs) == memory
    assert 2 * memory + 6 <= arrays <= 2 * memory + 9.1


def test_a_pair_is_scaled_to_its_direction_whatever_the_length_of_the_step():
    """On a quadratic y = H s to rounding, for steps shortened and taken whole alike."""
    objective, solver, lengths = Bowl(believed=0.05), LBFGS(), []
    state = answer(solver.init(objective, np.zeros(objective.shape)))
    for _ in range(4):
        before = state
        state = answer(solver.step(objective, state))
        moved = state.theta - before.theta
        lengths.append(np.vdot(moved, before.direction) / np.vdot(before.direction, before.direction))
        s, y = state.pairs.s[-1], state.pairs.y[-1]
        np.testing.assert_allclose(y, objective.curvature * s, atol=1e-9)
    assert min(lengths) < 0.9
    assert any(length == pytest.approx(1.0) for length in lengths)


def test_large_problems_keep_few_pairs(monkeypatch):
    from multilogit._solvers import lbfgs

    monkeypatch.setattr(lbfgs, "_LARGE", 10)
    objective, solver = problem(3), LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(6):
        state = answer(solver.step(objective, state))
    assert len(state.pairs) == 4


@pytest.mark.parametrize(("form", "per_row", "kept"), [("csr", 5, 1), ("csr", 30, 10), ("array", 5, 10)])
def test_sparse_columns_of_few_numbers_keep_one_pair(form, per_row, kept):
    """Where a sweep costs as much as a few passes over the parameters."""
    from objective.problems import objective_of
    from scipy import sparse

    rng = np.random.default_rng(0)
    X = sparse.random_array((20 if form == "array" else 300, 100), density=per_row / 100, rng=rng, format="csr")
    X = X if form == "csr" else X.toarray()
    objective, solver = objective_of(X, rng.integers(0, 3, X.shape[0]), 3), LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(11):
        state = answer(solver.step(objective, state))
    assert len(state.pairs) == kept
