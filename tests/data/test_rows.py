"""The verbs of centred rows, dense and sparse, against explicit centring; exact() against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from multilogit._data.rows import DenseRows, SparseRows

KINDS = {
    "dense": DenseRows.of,
    "dense, Fortran": lambda X, c: DenseRows.of(np.asfortranarray(X), c),
    "sparse": lambda X, c: SparseRows.of(sparse.csr_array(X), c),
}


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def kind(request):
    return request.param


def example(n=23, D=5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, D)) * (rng.random((n, D)) < 0.4)
    return X, X.mean(axis=0) + 0.1


def test_verbs_equal_explicit_centring(kind):
    X, centre = example()
    rng = np.random.default_rng(1)
    A, rows = X - centre, kind(X, centre)
    V, R, S = rng.normal(size=(5, 3)), rng.normal(size=(23, 3)), rng.uniform(size=(23, 2))
    np.testing.assert_allclose(rows.dense(), A, atol=1e-15)
    np.testing.assert_allclose(rows.matvec(V), A @ V, atol=1e-13)
    np.testing.assert_allclose(rows.rmatvec(R), A.T @ R, atol=1e-13)
    np.testing.assert_allclose(rows.sandwich(S[:, 0]), A.T @ np.diag(S[:, 0]) @ A, atol=1e-13)
    expected = np.stack([np.diag(A.T @ np.diag(s) @ A) for s in S.T], axis=1)
    np.testing.assert_allclose(rows.diagonal(S), expected, atol=1e-13)


def test_hand_values(kind):
    rows = kind(np.array([[1.0, 4.0], [3.0, 0.0]]), np.array([2.0, 1.0]))  # A = [[-1, 3], [1, -1]]
    np.testing.assert_array_equal(rows.dense(), [[-1, 3], [1, -1]])
    np.testing.assert_array_equal(rows.matvec(np.array([[1.0], [2.0]])), [[5], [-1]])
    np.testing.assert_array_equal(rows.rmatvec(np.array([[1.0], [2.0]])), [[1], [1]])
    np.testing.assert_array_equal(rows.sandwich(np.array([1.0, 2.0])), [[3, -5], [-5, 11]])
    np.testing.assert_array_equal(rows.diagonal(np.array([[1.0], [2.0]])), [[3], [11]])


def test_float32_is_centred_in_float64(kind):
    X = np.array([[16777216.0, 1.0], [16777218.0, 2.0]], dtype=np.float32)
    rows = kind(X, np.array([16777217.0, 1.5]))
    assert rows.dense().dtype == np.float64
    np.testing.assert_array_equal(rows.dense(), [[-1, -0.5], [1, 0.5]])
    assert rows.matvec(np.ones((2, 1))).dtype == np.float64


def test_a_diagonal_is_never_negative(kind):
    """The sparse expansion of the square cancels for a constant column."""
    X = np.full((50, 2), 0.1)
    rows = kind(X, np.full(2, 0.1))
    assert (rows.diagonal(np.full((50, 1), 0.3)) >= 0).all()


numbers = st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-200)


@given(hnp.arrays(np.float64, (3, 2), elements=numbers), hnp.arrays(np.float64, 2, elements=numbers))
def test_exact_is_exact(X, centre):
    for kind in KINDS.values():
        high, low = kind(X, centre).exact()
        np.testing.assert_array_equal(high, X - centre)
        for i in range(3):
            for d in range(2):
                exact = Fraction(float(X[i, d])) - Fraction(float(centre[d]))
                assert Fraction(float(high[i, d])) + Fraction(float(low[i, d])) == exact


def test_timestamps_lose_nothing_and_other_columns_keep_a_low_half(kind):
    """Timestamps and their mean share one spacing, so high alone is exact; beside large values small ones are not."""
    times, mixed = 1_700_000_000.0 + np.array([0.0, 1.0, 86_399.123]), np.array([0.1, 1e9, -2e9 / 3])
    X = np.column_stack([times, mixed])
    centre = X.mean(axis=0)
    high, low = kind(X, centre).exact()
    assert not low[:, 0].any()
    assert low[:, 1].any()
    for i in range(3):
        for d in range(2):
            exact = Fraction(X[i, d]) - Fraction(centre[d])
            assert Fraction(float(high[i, d])) + Fraction(float(low[i, d])) == exact
