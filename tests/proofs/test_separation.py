"""The search for a separation: verdicts against a linear program over all rows, invariances, no false alarm."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from objective.problems import objective_of
from scipy import optimize

from multilogit._proofs.recession import Verdict
from multilogit._proofs.separation import separating_direction

SEPARATED, OVERLAP, UNDECIDED = Verdict.SEPARATED, Verdict.OVERLAP, Verdict.UNDECIDED


def margins(X, y, V, present):
    """Return {(own, other): all margins} of a direction V (D or D + 1, K), by definition."""
    U = np.column_stack([X, np.ones(len(X))])[:, : len(V)] @ V
    pairs = [(a, b) for a in present for b in present if a != b and (y == a).any()]
    return {(a, b): U[y == a, a] - U[y == a, b] for a, b in pairs}


def oracle(X, y, K):
    """Return whether some direction loses in no row and gains in one: a linear program over every margin."""
    A = np.column_stack([X, np.ones(len(X))])
    rows = []
    for a, label in zip(A, y, strict=True):
        for k in set(range(K)) - {label}:
            V = np.zeros((A.shape[1], K))
            V[:, label], V[:, k] = a, -a
            rows.append(V.ravel())
    rows = np.array(rows)
    result = optimize.linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    assert result.status == 0
    return -result.fun > 1e-6


def search(X, y, K, **arguments):
    return separating_direction(objective_of(np.asarray(X, float), np.asarray(y), K, C=np.inf, **arguments))


def assert_direction(found, X, y, K, fit_intercept=True):
    """Verify a direction and its pairs by definition."""
    V = found.direction
    V = np.column_stack([np.zeros(len(V)), V]) if K == 2 else V
    centre = np.median(X, axis=0) if fit_intercept else 0.0
    every = margins(X - centre, y, V, range(K))
    assert min(m.min() for m in every.values()) >= -1e-9 * np.abs(V).max() * max(np.abs(X).max(), 1)
    gaining = {tuple(sorted(pair)) for pair, m in every.items() if m.max() > 1e-8}
    assert set(found.pairs) == gaining
    assert gaining


points = st.integers(2, 8).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


# (Lead: with equal class means the gain is all rounding, and `_Program.gain` scales it to one: UNDECIDED.)
@example(([(0, 1), (1, 0), (0, 1), (1, 0), (0, 1), (0, 1)], [0, 1, 0, 0, 1, 1]), 2)
@settings(max_examples=150, deadline=None)
@given(points, st.sampled_from([2, 3]))
def test_verdicts_on_tiny_point_sets(data, K):
    X, y = np.array(data[0], float), np.array(data[1]) % K
    y[:K] = range(min(K, len(y)))  # every class has a row, where there are rows enough
    if len(np.unique(y)) < K:
        return
    found = search(X, y, K)
    assert found.verdict is (SEPARATED if oracle(X, y, K) else OVERLAP)
    if found.verdict is SEPARATED:
        assert_direction(found, X, y, K)
    else:
        assert found.direction is None
        assert found.pairs == ()


LINE = [[-2.0], [-1.0], [0.0], [1.0], [2.0]]
CASES = {
    "complete": (LINE, [0, 0, 0, 1, 1], 2, SEPARATED, ((0, 1),)),
    "quasi-complete": ([[-1.0], [0.0], [0.0], [1.0]], [0, 0, 1, 1], 2, SEPARATED, ((0, 1),)),
    "overlap": (LINE, [0, 1, 0, 1, 0], 2, OVERLAP, ()),
    "overlap by a tie": ([[-1.0], [0.0], [0.0], [1.0]], [0, 1, 0, 0], 2, OVERLAP, ()),
    "one class apart": ([[0.0], [1.0], [0.0], [1.0], [5.0]], [0, 0, 1, 1, 2], 3, SEPARATED, ((0, 2), (1, 2))),
    "two apart, one between": (
        [[-5.0], [-1.0], [0.0], [0.0], [1.0], [5.0]],
        [0, 2, 0, 1, 2, 1],
        3,
        OVERLAP,
        (),
    ),
    "an indicator of one class": (
        [[1, 0.1], [1, -0.3], [0, 0.2], [0, -0.1], [0, 0.15], [0, 0.05], [0, 0.1], [0, -0.2]],
        [0, 0, 0, 1, 0, 1, 0, 1],
        2,
        SEPARATED,
        ((0, 1),),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_known_cases(name):
    X, y, K, verdict, pairs = CASES[name]
    found = search(X, y, K)
    assert found.verdict is verdict
    assert found.pairs == pairs
    if verdict is SEPARATED:
        assert_direction(found, np.array(X), np.array(y), K)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "change",
    [
        lambda X, y: (X * 1e6, y),
        lambda X, y: (X * 1e-6, y),
        lambda X, y: (X + 3000, y),
        lambda X, y: (X[::-1], y[::-1]),
        lambda X, y: (np.repeat(X, 3, axis=0), np.repeat(y, 3)),
        lambda X, y: (np.column_stack([X, X]), y),
        lambda X, y: (np.column_stack([1e5 * X, np.ones(len(X))]), y),
    ],
    ids=["larger", "smaller", "shifted", "reversed", "repeated", "collinear", "with a constant"],
)
def test_invariance(name, change):
    X, y, K, verdict, pairs = CASES[name]
    found = search(*change(np.array(X), np.array(y)), K)
    assert (found.verdict, found.pairs) == (verdict, pairs)


def test_without_an_intercept():
    """x > 0 in both classes: a threshold at zero separates nothing, one elsewhere does."""
    X, y = np.array([[1.0], [2.0]]), np.array([0, 1])
    assert search(X, y, 2).verdict is SEPARATED
    assert search(X, y, 2, fit_intercept=False).verdict is OVERLAP
    found = search(-np.array([[1.0], [-2.0]]), y, 2, fit_intercept=False)
    assert found.verdict is SEPARATED
    assert_direction(found, np.array([[-1.0], [2.0]]), y, 2, fit_intercept=False)


def test_weights_and_masks():
    X, y, weight = np.array(LINE), np.array([0, 0, 1, 0, 1]), np.array([1.0, 1.0, 1.0, 0.0, 1.0])
    assert search(X, y, 2).verdict is OVERLAP
    assert search(X, y, 2, weight=weight).verdict is SEPARATED
    y = np.array([0, 2, 1, 0, 1])
    weight = (y != 2).astype(float)
    found = search(X, y, 3, weight=weight, mask=[[True, True, False]])
    assert found.verdict is OVERLAP
    found = search(X, [0, 2, 0, 1, 1], 3, weight=weight[[0, 1, 2, 4, 3]], mask=[[True, True, False]])
    assert (found.verdict, found.pairs) == (SEPARATED, ((0, 1),))


def test_soft_targets_are_separated_only_by_ties():
    X = np.array([[-1.0], [0.0], [1.0]])
    mixed = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    assert search(X, mixed, 2).verdict is SEPARATED
    assert search(X, 0.8 * mixed + 0.1, 2).verdict is OVERLAP


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6])
def test_nearly_separated_data_with_a_finite_optimum(gap):
    """One row on the wrong side, by a hair: no false alarm; moved across, the same rows are separated."""
    rng = np.random.default_rng(0)
    X = np.sort(rng.uniform(-1, 1, 40))
    y = (X > 0).astype(int)
    X[(y == 1).argmax()] = X[y == 0].max() - gap
    assert search(X[:, None], y, 2).verdict is OVERLAP
    X[(y == 1).argmax()] = X[y == 0].max() + gap
    assert search(X[:, None], y, 2).verdict is SEPARATED


@pytest.mark.parametrize("K", [2, 5])
def test_many_rows_by_few_constraints(K):
    rng = np.random.default_rng(K)
    X, W = rng.normal(size=(6000, 5)), rng.normal(size=(5, K))
    separable = (X @ W).argmax(axis=1)
    found = search(X, separable, K)
    assert found.verdict is SEPARATED
    noisy = separable.copy()
    noisy[rng.integers(0, 6000, 30)] = rng.integers(0, K, 30)
    assert search(X, noisy, K).verdict is OVERLAP


def test_one_separated_row_among_many():
    """Quasi-complete by a single row: a column that is non-zero there alone."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3000, 2)), rng.integers(0, 2, 3000)
    X[:, 1] = 0.0
    X[17, 1] = 1.0
    found = search(X, y, 2)
    assert found.verdict is SEPARATED
    assert_direction(found, X, y, 2)


@pytest.mark.parametrize("seed", range(5))
def test_quasi_complete_in_rotated_columns(seed):
    """Ties are then exact only once the program's answer is projected onto them; overlap stays overlap."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(120, 4)), rng.integers(0, 3, 120)
    X[:, 3] = np.where((y == 1) & (rng.random(120) < 0.3), rng.uniform(0.1, 2.0, 120), 0.0)
    rotated = X @ rng.normal(size=(4, 4)) + 10 * rng.normal(size=4)
    found = search(rotated, y, 3)
    assert found.verdict is SEPARATED
    assert found.pairs == ((0, 1), (1, 2))
    assert_direction(found, rotated, y, 3)
    X[(y != 1).argmax(), 3] = 0.5
    X[(y == 0).argmax(), 3] = X[(y == 2).argmax(), 3] = 0.5
    assert search(X @ rng.normal(size=(4, 4)), y, 3).verdict is OVERLAP


def test_undecided_when_resources_run_out():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 4)), rng.integers(0, 2, 300)
    objective = objective_of(X, y, 2, C=np.inf)
    assert separating_direction(objective, time_limit=0.0).verdict is UNDECIDED
    assert separating_direction(objective, max_constraints=1).verdict is UNDECIDED
    wide = objective_of(rng.normal(size=(30, 4001)), y[:30], 2, C=np.inf)
    assert separating_direction(wide).verdict is UNDECIDED
