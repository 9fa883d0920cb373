"""L-BFGS: the two-loop recursion against the matrix that it stands for, frozen states, and a resumed run."""

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


def flat(array):
    return array.ravel()


def test_the_direction_is_that_of_the_bfgs_matrix():
    """H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y over the pairs, from the scaled inverse metric."""
    objective = problem(3)
    solver = LBFGS(memory=3)
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(4):
        state = answer(solver.step(objective, state))
    assert len(state.pairs) == 3
    n = state.theta.size
    columns = [flat(state.metric.solve(e.reshape(state.theta.shape))) for e in np.eye(n)]
    scales = [flat(p.s) @ flat(p.y) / (flat(p.y) @ np.array(columns) @ flat(p.y)) for p in state.pairs]
    H = np.exp(np.mean(np.log(scales))) * np.array(columns)
    for pair in state.pairs:
        s, y = flat(pair.s), flat(pair.y)
        V = np.eye(n) - np.outer(y, s) / (s @ y)
        H = V.T @ H @ V + np.outer(s, s) / (s @ y)
    expected = -H @ flat(state.gradient)
    np.testing.assert_allclose(flat(state.direction), expected, atol=1e-10 * np.abs(expected).max())
    np.testing.assert_allclose(state.decrement**2, -flat(state.gradient) @ expected, rtol=1e-10)


def test_the_secant_equation():
    """The approximation maps the last y to the last s."""
    from multilogit._solvers.lbfgs import _two_loop

    objective = problem(4, weighted=True)
    solver = LBFGS()
    state = answer(solver.init(objective, objective.layout.zeros()))
    for _ in range(5):
        state = answer(solver.step(objective, state))
    last = state.pairs[-1]
    direction, slope = _two_loop(state.metric, state.pairs, last.y.reshape(state.theta.shape), 1)
    np.testing.assert_allclose(direction.ravel(), -last.s, atol=1e-12)
    assert slope == pytest.approx(-last.curvature, rel=1e-12)


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
    source = SimpleNamespace(sparse=False, n_rows=1)
    layout = SimpleNamespace(n_features=10_001, n_classes=20, free_rows=20)
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
            return Sums(value=np.zeros(1), diagonal=np.full((self.shape[0], 1), self.believed))
        gradient = theta - 1.0
        gradient *= self.curvature
        return Sums(value=np.array([0.5 * np.vdot(gradient, theta - 1.0)]), gradient=gradient)


@pytest.mark.parametrize("memory", [2, 4, 6])
def test_a_step_holds_two_arrays_a_pair_and_eight_more(memory):
    """Point, gradient and direction; their successors and the pair in the making; of them all at once, no copy."""
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
    assert 2 * memory + 5 <= arrays <= 2 * memory + 8


def test_a_pair_is_scaled_to_its_direction_whatever_the_length_of_the_step():
    """On a quadratic y = H s to rounding, for steps shortened and taken whole alike."""
    objective, solver, lengths = Bowl(believed=0.05), LBFGS(), []
    state = answer(solver.init(objective, np.zeros(objective.shape)))
    for _ in range(4):
        before = state
        state = answer(solver.step(objective, state))
        moved = state.theta - before.theta
        lengths.append(np.vdot(moved, before.direction) / np.vdot(before.direction, before.direction))
        pair = state.pairs[-1]
        s = pair.s.reshape(objective.shape)
        np.testing.assert_allclose(pair.y.reshape(objective.shape), objective.curvature * s, atol=1e-9)
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
