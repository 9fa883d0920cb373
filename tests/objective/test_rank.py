"""Rank and aliased columns on columns that rounding blurs, and the least norm as the limit of the L2 path."""

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of
from tables import SOURCES

from multilogit._data.open import open_source
from multilogit._objective import rank as module
from multilogit._objective.rank import column_rank

N = 60
rng = np.random.default_rng(0)
x, z, v = rng.normal(size=(3, N))
seconds = rng.integers(0, 10**6, N).astype(float)
one = np.ones(N)

# Name: columns, the rank, and a set of columns of which one at least must be aliased.
ALIASED = {
    "duplicate": ([x, z, x], 2, {0, 2}),
    "constant": ([x, 0.1 * one, z], 2, {1}),
    "zero": ([0 * one, x], 1, {0}),
    "large constant": ([x, 1e15 * one], 1, {1}),
    "sum": ([x, z, x + z], 2, {0, 1, 2}),
    "shifted by 3000": ([x, x + 3000, z], 2, {0, 1}),
    "shifted by a million": ([x, x + 1e6, z], 2, {0, 1}),
    "difference of scales": ([x, 1e8 * x, 1e-8 * z], 2, {0, 1}),
    "timestamps in two zones": ([1.7e9 + seconds, 1.7e9 + 3600 + seconds, x], 2, {0, 1}),
    "timestamps and hours": ([1.7e9 + seconds, (1.7e9 + seconds) / 3600, x], 2, {0, 1}),
    "indicator columns that sum to one": ([np.arange(N) % 3 == k for k in range(3)], 2, {0, 1, 2}),
    "sum of shifted columns": ([x + 3000, z - 5000, x + z], 2, {0, 1, 2}),
}
INDEPENDENT = {
    "random": [x, z, v],
    "nearly collinear": [x, x + 1e-6 * z, v],
    "nearly a sum": [x, z, x + z + 1e-6 * v],
    "nearly collinear, far from zero": [x + 3000, x + 3000 + 1e-6 * z, v],
    "wild scales": [1e-8 * x, 1e8 * z, v],
    "timestamps": [1.7e9 + seconds, x, z],
    "timestamps a second apart": [1.7e9 + seconds, 1.7e9 + seconds + (np.arange(N) % 2), x],
    "small beside a constant": [1e-6 * x + 1, z],
    "powers": [np.arange(N) ** p for p in (1, 2, 3)],
}


def rank_of(columns, **arguments):
    X = np.column_stack(columns).astype(float)
    return X, column_rank(open_source(X, np.zeros(len(X), int), 2, **arguments))


@pytest.mark.parametrize("name", ALIASED)
def test_aliased_columns(name):
    columns, rank, among = ALIASED[name]
    X, found = rank_of(columns)
    assert found.rank == rank
    assert sorted([*found.independent, *found.aliased]) == list(range(X.shape[1]))
    assert set(found.aliased.tolist()) <= among
    assert len(found.aliased) == X.shape[1] - rank


@pytest.mark.parametrize("name", ALIASED)
def test_the_null_space(name):
    X, found = rank_of(ALIASED[name][0])
    A = X - X.mean(axis=0)
    size = np.abs(X).max(axis=0) @ np.abs(found.null)
    assert found.null.shape == (X.shape[1], len(found.aliased))
    assert (np.abs(A @ found.null).max(axis=0) <= 1e-12 * size).all()
    assert np.linalg.matrix_rank(found.null / np.linalg.norm(found.null, axis=0)) == len(found.aliased)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_no_false_alarm(name):
    X, found = rank_of(INDEPENDENT[name])
    np.testing.assert_array_equal(found.independent, np.arange(X.shape[1]))
    assert len(found.aliased) == 0
    W = rng.normal(size=(X.shape[1], 2))
    least, shift = found.least_norm(W)
    np.testing.assert_array_equal(least, W)
    assert not shift.any()


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source(kind):
    a, b = np.round(x, 2), np.round(z * (z > 0), 2)
    X = np.column_stack([a, b, a - b])
    source = open_source(SOURCES[kind](X), np.zeros(N, int), 2)
    assert column_rank(source).rank == 2


@pytest.mark.parametrize("rows_per_block", [1, 7, 60])
def test_blocks(rows_per_block):
    objective = objective_of(np.column_stack([x, z, x + z]), np.zeros(N, int), 2, rows_per_block=rows_per_block)
    assert column_rank(objective.source).rank == 2


def test_only_rows_with_weight_count():
    """A column that varies on rows without weight alone is constant."""
    weight = (np.arange(N) < 50).astype(float)
    _, found = rank_of([x, np.where(weight > 0, 0.3, z)], weight=weight)
    np.testing.assert_array_equal(found.aliased, [1])


def test_more_columns_than_rows():
    _, found = rank_of(list(rng.normal(size=(9, 5))))
    assert found.rank == 4
    assert found.null.shape == (9, 5)


def test_without_an_intercept_a_constant_column_is_independent():
    _, found = rank_of([x, one, x + one], centred=False)
    assert found.rank == 2
    _, found = rank_of([x, one], centred=False)
    assert found.rank == 2


def test_one_row_has_rank_zero():
    _, found = rank_of([np.ones(1), np.ones(1)])
    assert found.rank == 0
    np.testing.assert_array_equal(found.aliased, [0, 1])


def test_least_norm_by_hand():
    """x and 2 x with weights (1, 0): the same logits by (1, 2) / 5."""
    _, found = rank_of([x, 2 * x])
    least, _ = found.least_norm(np.array([[1.0], [0.0]]))
    np.testing.assert_allclose(least, [[0.2], [0.4]], rtol=1e-14)


def test_least_norm_keeps_the_logits():
    X, found = rank_of([x, z, x + z, x - 3 * z, one])
    W = rng.normal(size=(5, 3))
    least, shift = found.least_norm(W)
    A = X - X.mean(axis=0)
    np.testing.assert_allclose((X - np.median(X, axis=0)) @ least + shift, (X - np.median(X, axis=0)) @ W, atol=1e-12)
    np.testing.assert_allclose(A @ least, A @ W, atol=1e-12)
    np.testing.assert_allclose(least, np.linalg.pinv(A) @ A @ W, atol=1e-12)
    assert least[4].tolist() == pytest.approx([0, 0, 0], abs=1e-14)


def test_least_norm_is_the_limit_of_the_l2_path():
    X = np.column_stack([x, z, 2 * x - z])
    y = (np.arange(N) * 7 % 11) % 3
    _, found = rank_of(list(X.T))
    _, free = Brute.of(objective_of(X[:, found.independent], y, 3, C=np.inf)).minimum()
    W = np.zeros((3, 3))
    W[found.independent] = free[:-1]
    distances = []
    for C in (1e4, 1e6, 1e8):
        _, penalised = Brute.of(objective_of(X, y, 3, C=C)).minimum()
        distances.append(np.abs(found.least_norm(W)[0] - penalised[:-1]).max())
    assert distances[1] <= 0.02 * distances[0]
    assert distances[2] <= 1e-7


MANY = 8000
generator = np.random.default_rng(1)
a, c, d = generator.normal(size=(3, MANY))
times = generator.integers(0, 10**6, MANY).astype(float)
LONG = {
    "random": [a, c, d],
    "sum": [a, c, a + c],
    "nearly collinear": [a, a + 1e-6 * c, d],
    "timestamps": [1.7e9 + times, a, c],
    "timestamps in two zones": [1.7e9 + times, 1.7e9 + 3600 + times, a],
    "constant": [a, np.full(MANY, 1e15), c],
    "zero": [a, np.zeros(MANY), c],
    "one wild value": [np.where(np.arange(MANY) == 7, 1e37, a), c, d],
    "rare": [a, (np.arange(MANY) == 1235).astype(float), c],
    "differs in one row": [a, a + (np.arange(MANY) == 1235), c],
    "wild scales": [1e-8 * a, 1e8 * c, d],
}


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("name", LONG)
def test_a_sample_of_many_rows_never_changes_the_verdict(monkeypatch, name, fit_intercept):
    source = open_source(np.column_stack(LONG[name]), np.zeros(MANY, int), 2, centred=fit_intercept)
    found = column_rank(source, fit_intercept=fit_intercept)
    monkeypatch.setattr(module, "_clearly_independent", lambda *_, **__: False)
    expected = column_rank(source, fit_intercept=fit_intercept)
    np.testing.assert_array_equal(found.independent, expected.independent)
    np.testing.assert_array_equal(found.aliased, expected.aliased)
    np.testing.assert_array_equal(found.null, expected.null)


def test_squares_out_of_range_prove_nothing_and_say_nothing():
    """A column that vanishes on the rows with weight: its distance is zero and its inverse infinite."""
    weight = np.ones(60)
    weight[:10] = 0.0
    X = np.random.default_rng(0).normal(size=(60, 3))
    X[10:, 1] *= 1e-160
    source = open_source(X, np.zeros(60, int), 2, weight=weight)
    assert column_rank(source).rank == 3


def test_fewer_rows_than_columns_form_no_gram_matrix(monkeypatch):
    monkeypatch.setattr(module, "_centred_gram", lambda *_, **__: pytest.fail("a Gram matrix"))
    source = open_source(np.random.default_rng(0).normal(size=(4, 9)), np.arange(4) % 2, 2)
    assert column_rank(source).rank == 3


def test_a_sample_suffices_where_no_column_is_near_the_others(monkeypatch):
    seen = []
    gram = module._centred_gram
    monkeypatch.setattr(
        module, "_centred_gram", lambda source, **options: seen.append(source.n_rows) or gram(source, **options)
    )
    monkeypatch.setattr(module, "column_triangle", lambda *_, **__: pytest.fail("a factor of all rows"))
    assert rank_of([a, c + 5.0, d])[1].rank == 3
    assert seen == [-(-MANY // (MANY // 44))]
    least, shift = rank_of([a, c, d])[1].least_norm(np.ones((3, 2)))
    assert (least == 1.0).all()
    assert not shift.any()
